// The journal, newest first: only the rows in sight exist, in the page and in memory, however many there are.

import { ask, trying } from "./api.js";
import { $, bytes, clockTime, el, moment, say, took } from "./dom.js";

const HEIGHT = 32, MARGIN = 8, HELD = 2000, SEARCHED = 5000;
const WORKSPACE = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/[^/]+\/workspaces\//i; // says little, and is long
const list = $("#list"), sizer = $("#sizer"), rows = new Map();
let span = { first: 1, last: 0, life: 0 };
let found = null; // the numbers that a filter lets through, newest first; null without a filter
let search = 0, searched = 0; // which search is the latest, and up to which number it has looked
let selected = null, fetching = false, opened = null;

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
    cell(row?.path.replace(WORKSPACE, "…/"), "path"), cell(row && bytes(row.sent), "sent"), cell(row && took(row.seconds), "took"),
  );
  if (row) made.dataset.tone = row.status == null || row.status >= 500 ? "bad" : row.status >= 400 ? "wait" : "good";
  made.style.top = `${place * HEIGHT}px`;
  made.onclick = () => { select(place); open(); };
  return made;
}

function render() {
  const total = count(), room = Math.ceil(list.clientHeight / HEIGHT);
  sizer.style.height = `${total * HEIGHT}px`;
  const first = Math.max(0, Math.min(Math.floor(list.scrollTop / HEIGHT), total - room) - MARGIN);
  const last = Math.min(total, first + room + 2 * MARGIN);
  const places = Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index);
  sizer.replaceChildren(...places.map((place) => make(numberAt(place), place)));
  list.setAttribute("aria-activedescendant", selected == null ? "" : `request-${selected}`);
  say($("#found"), found ? `${total.toLocaleString("en")} of ${(span.last - span.first + 1).toLocaleString("en")}` : `${total.toLocaleString("en")} requests`);
  fetchRows(places.map(numberAt).filter((number) => !rows.has(number)));
}

/** Fetch the rows in sight that are missing; while it takes, the sight may have moved on. */
async function fetchRows(numbers) {
  if (fetching || !numbers.length || !list.clientHeight) return;
  fetching = true;
  const life = span.life;
  const done = await trying(async () => {
    const answer = await ask(`/_mock/ui/rows?numbers=${numbers.join(",")}`);
    if (life === span.life) for (const row of answer.rows) rows.set(row.n, row);
  });
  for (const number of rows.keys()) if (rows.size > HELD) rows.delete(number);
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

function facts(entry) {
  const pairs = [
    ["Status", entry.status ?? "none: the connection was dropped"], ["Operation", entry.operation || "none"], ["Workspace", entry.workspace || "–"],
    ["Came", `${moment(entry.time)} · took ${took(entry.ended - entry.time)}`], ["Server's clock", moment(entry.clock)],
    ["Sent, received", `${bytes(entry.request_bytes)}, ${bytes(entry.response_bytes)}`], ["Fault", entry.fault == null ? "none" : `rule ${entry.fault}`],
    ["Credential", entry.credential ?? "none"], ["SHA-256 of the body", entry.request_sha256],
  ];
  return el("dl", {}, ...pairs.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, String(value))]));
}

const heads = (headers) => el("pre", { tabindex: "0" }, Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join("\n"));

function body(entry) {
  if (entry.request_body != null) return JSON.stringify(entry.request_body, null, 2);
  return entry.request_bytes ? `${bytes(entry.request_bytes)} that the journal does not keep: no JSON, or too long` : "empty";
}

/** Show one request whole: the selected one, or one that a charge names. */
export async function open(number = selected) {
  if (number == null) return;
  selected = opened = number;
  const { requests } = await ask(`/_mock/requests?after=${number - 1}&limit=1`).catch(() => ({ requests: [] }));
  const entry = requests.find((one) => one.n === number);
  if (opened !== number) return;
  const parts = entry
    ? [el("h2", {}, `${entry.method} `, el("code", {}, entry.url)), facts(entry), el("h3", {}, "Request's headers"), heads(entry.request_headers), el("h3", {}, "Request's body"),
      el("pre", { class: "body", tabindex: "0" }, body(entry)), el("h3", {}, "Answer's headers"), heads(entry.response_headers),
      ...(entry.cut_text == null ? [] : [el("h3", {}, "What was said before the cut"), el("pre", { tabindex: "0" }, entry.cut_text)])]
    : [el("p", {}, `Request ${number} is no longer in the journal.`)];
  $("#detail-body").replaceChildren(...parts);
  $("#detail").hidden = false;
  $("#journal").classList.add("open");
  $("#detail").scrollTop = 0;
  render();
}

export function close() {
  if ($("#detail").hidden) return false;
  opened = null;
  $("#detail").hidden = true;
  $("#journal").classList.remove("open");
  list.focus();
  render();
  return true;
}

/** Look through `after` … `until`, newest first, in bites that leave the server time for others. */
async function look(words, after, until, into) {
  const mine = search;
  for (let high = until; high > after; high -= SEARCHED) {
    const low = Math.max(after, high - SEARCHED);
    const { numbers } = await ask(`/_mock/ui/search?${new URLSearchParams({ find: words, after: low, limit: high - low })}`);
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
  if (words) await trying(() => look(words, span.first - 1, span.last, (numbers) => found.push(...numbers)));
}

async function filterNew() {
  const after = searched;
  searched = span.last;
  const news = [];
  await trying(() => look($("#filter").value.trim(), after, span.last, (numbers) => news.push(...numbers)));
  if (!found || !news.length) return;
  found = [...news, ...found.filter((number) => number >= span.first)];
  stay(news.length);
}

/** Keep what is in sight where it is when rows come in above it. */
function stay(added) {
  sizer.style.height = `${count() * HEIGHT}px`;
  if (list.scrollTop > 0) list.scrollTop += added * HEIGHT;
  render();
}

export function changed(sections, state, wall) {
  if (!sections.journal) return;
  const before = span;
  span = state.journal.get("span");
  if (wall || span.life !== before.life) { // begun anew: the numbers may mean other requests
    rows.clear();
    selected = null;
    filter();
  } else if (found) filterNew();
  else stay(span.last - before.last);
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
    if (event.key === "Enter" || opened != null) open();
  };
}
