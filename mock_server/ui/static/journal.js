// The journal, newest first: only visible rows exist in the DOM, and few are in memory, however many there are.

import { getJson, showErrors } from "./api.js";
import { $, formatBytes, clockTime, el, formatTime, setText, formatDuration } from "./dom.js";

const HEIGHT = 32, MARGIN = 8, MAX_ROWS = 2000, SEARCH_STEP = 5000;
const WORKSPACE = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/[^/]+\/workspaces\//i; // long, and the same everywhere
const VERSION = /[?]api-version=[^&]*$/; // does not distinguish two requests
const list = $("#list"), sizer = $("#sizer"), rows = new Map();
let span = { first: 1, last: 0, life: 0 };
let found = null; // numbers that match the filter, newest first; null without a filter
let search = 0, searched = 0; // id of the latest search, and the number up to which it has searched
let selected = null, fetching = false, openNumber = null;

const count = () => (found ? found.length : span.last - span.first + 1);
const numberAt = (place) => (found ? found[place] : span.last - place);
const placeOf = (number) => (found ? found.indexOf(number) : span.last - number);

function make(number, place) {
  const row = rows.get(number);
  const cell = (text, kind) => el("span", { class: kind }, text ?? "");
  const status = row ? (row.status ?? "dropped") : "";
  const made = el(
    "div", { class: "request", role: "option", id: `request-${number}`, "aria-selected": String(number === selected), "aria-posinset": place + 1, "aria-setsize": count() },
    cell(String(number), "n"), cell(row && clockTime(row.time), "time"), cell(row?.method ?? "…", "method"),
    cell(String(status), "status"), cell(row && row.operation + (row.fault ? ` ⚡${row.fault}` : ""), "operation"),
    cell(row?.path.replace(WORKSPACE, "…/").replace(VERSION, ""), "path"), cell(row && formatBytes(row.sent), "sent"), cell(row && formatDuration(row.seconds), "took"),
  );
  if (row) made.dataset.tone = row.status == null || row.status >= 500 ? "bad" : row.status >= 400 ? "wait" : "good";
  made.style.top = `${place * HEIGHT}px`;
  made.onclick = () => { select(place); open(); };
  return made;
}

function render() {
  const total = count();
  sizer.style.height = `${total * HEIGHT}px`; // first, because the list may be as high as its rows
  const room = Math.ceil(list.clientHeight / HEIGHT);
  const first = Math.max(0, Math.min(Math.floor(list.scrollTop / HEIGHT), total - room) - MARGIN);
  const last = Math.min(total, first + room + 2 * MARGIN);
  const places = Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index);
  sizer.replaceChildren(...places.map((place) => make(numberAt(place), place)));
  list.setAttribute("aria-activedescendant", selected == null ? "" : `request-${selected}`);
  setText($("#found"), found ? `${total.toLocaleString("en")} of ${(span.last - span.first + 1).toLocaleString("en")}` : `${total.toLocaleString("en")} requests`);
  fetchRows(places.map(numberAt).filter((number) => !rows.has(number)));
}

/** Fetch the visible rows that are missing; the list may scroll on meanwhile. */
async function fetchRows(numbers) {
  if (fetching || !numbers.length || !list.clientHeight) return;
  fetching = true;
  const life = span.life;
  const done = await showErrors(async () => {
    const answer = await getJson(`/_mock/ui/rows?numbers=${numbers.join(",")}`);
    if (life === span.life) for (const row of answer.rows) rows.set(row.n, row);
  });
  for (const number of rows.keys()) if (rows.size > MAX_ROWS) rows.delete(number);
  fetching = false;
  if (done && numbers.some((number) => rows.has(number))) requestAnimationFrame(render);
}

function select(place) {
  if (!count()) return;
  place = Math.max(0, Math.min(place, count() - 1));
  selected = numberAt(place);
  const top = place * HEIGHT;
  if (top < list.scrollTop) list.scrollTop = top;
  else if (top + HEIGHT > list.scrollTop + list.clientHeight) list.scrollTop = top + HEIGHT - list.clientHeight;
  render();
}

function summary(entry) {
  const pairs = [
    ["Status", entry.status ?? "none (connection dropped)"], ["Operation", entry.operation || "none"], ["Workspace", entry.workspace || "–"],
    ["Received", `${formatTime(entry.time)} · duration ${formatDuration(entry.ended - entry.time)}`], ["Server clock", formatTime(entry.clock)],
    ["Request, response size", `${formatBytes(entry.request_bytes)}, ${formatBytes(entry.response_bytes)}`], ["Fault", entry.fault == null ? "none" : `rule ${entry.fault}`],
    ["Credential", entry.credential ?? "none"], ["SHA-256 of the request body", entry.request_sha256],
  ];
  return el("dl", {}, ...pairs.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, String(value))]));
}

const headerList = (headers) => el("pre", { tabindex: "0" }, Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join("\n"));

function body(entry) {
  if (entry.request_body != null) return JSON.stringify(entry.request_body, null, 2);
  return entry.request_bytes ? `${formatBytes(entry.request_bytes)} not kept in the journal (not JSON, or too long)` : "empty";
}

/** Show the details of a request: the selected one, or one listed in a charge. */
export async function open(number = selected) {
  if (number == null) return;
  selected = openNumber = number;
  const { requests } = await getJson(`/_mock/requests?after=${number - 1}&limit=1`).catch(() => ({ requests: [] }));
  const entry = requests.find((one) => one.n === number);
  if (openNumber !== number) return;
  const parts = entry
    ? [el("h2", {}, `${entry.method} `, el("code", {}, entry.url)), summary(entry), el("h3", {}, "Request headers"), headerList(entry.request_headers), el("h3", {}, "Request body"),
      el("pre", { class: "body", tabindex: "0" }, body(entry)), el("h3", {}, "Response headers"), headerList(entry.response_headers),
      ...(entry.cut_text == null ? [] : [el("h3", {}, "Text received before the cut"), el("pre", { tabindex: "0" }, entry.cut_text)])]
    : [el("p", {}, `Request ${number} is no longer in the journal.`)];
  $("#detail-body").replaceChildren(...parts);
  $("#detail").hidden = false;
  $("#journal").classList.add("open");
  $("#detail").scrollTop = 0;
  render();
}

export function close() {
  if ($("#detail").hidden) return false;
  openNumber = null;
  $("#detail").hidden = true;
  $("#journal").classList.remove("open");
  list.focus();
  render();
  return true;
}

/** Search the numbers `after` … `until`, newest first, in steps small enough for the server to handle other requests. */
async function searchRange(words, after, until, into) {
  const mine = search;
  for (let high = until; high > after; high -= SEARCH_STEP) {
    const low = Math.max(after, high - SEARCH_STEP);
    const { numbers } = await getJson(`/_mock/ui/search?${new URLSearchParams({ find: words, after: low, limit: high - low })}`);
    if (mine !== search) return;
    into(numbers.reverse());
    render();
  }
}

async function filter() {
  const words = $("#filter").value.trim();
  search++;
  found = words ? [] : null;
  searched = span.last;
  list.scrollTop = 0;
  render();
  if (words) await showErrors(() => searchRange(words, span.first - 1, span.last, (numbers) => found.push(...numbers)));
}

async function filterNew() {
  const after = searched;
  searched = span.last;
  const news = [];
  await showErrors(() => searchRange($("#filter").value.trim(), after, span.last, (numbers) => news.push(...numbers)));
  if (!found || !news.length) return;
  found = [...news, ...found.filter((number) => number >= span.first)];
  keepScroll(news.length);
}

/** Keep the visible rows in place when rows are added above them. */
function keepScroll(added) {
  sizer.style.height = `${count() * HEIGHT}px`;
  if (list.scrollTop > 0) list.scrollTop += added * HEIGHT;
  render();
}

export function changed(sections, state, wall) {
  if (!sections.journal) return;
  const before = span;
  span = state.journal.get("span");
  if (wall || span.life !== before.life) { // numbering restarted: the numbers may denote other requests
    rows.clear();
    selected = null;
    filter();
  } else if (found) filterNew();
  else keepScroll(span.last - before.last);
}

/** Show the requests that contain these words. */
export function find(words) {
  $("#filter").value = words;
  location.hash = "#requests";
  filter();
}

export function shown() {
  render();
  list.focus({ preventScroll: true });
}

export function start() {
  let waiting;
  $("#filter").oninput = () => { clearTimeout(waiting); waiting = setTimeout(filter, 150); };
  $("#filter").onkeydown = (event) => { if (event.key === "ArrowDown" || event.key === "Enter") { event.preventDefault(); list.focus(); if (selected == null || placeOf(selected) < 0) select(0); } };
  $("#detail-close").onclick = close;
  list.onscroll = () => requestAnimationFrame(render);
  addEventListener("resize", render);
  list.onkeydown = (event) => {
    const page = Math.max(1, Math.floor(list.clientHeight / HEIGHT) - 1), here = selected == null ? -1 : placeOf(selected);
    const moves = { ArrowDown: here + 1, ArrowUp: here - 1, PageDown: here + page, PageUp: here - page, Home: 0, End: count() - 1 };
    if (event.key in moves) select(moves[event.key]);
    else if (event.key !== "Enter") return;
    event.preventDefault();
    if (event.key === "Enter" || openNumber != null) open();
  };
}
