// Controls of the server: its clock and fault rules; and its verdict on the client.

import { getJson, showErrors } from "./api.js";
import { $, el, syncChildren, formatTime, setText } from "./dom.js";
import { open } from "./journal.js";

const EFFECTS = [ // option text, field of the rule, its value or null for user input, label and default of the input
  ["respond with a status", "status", null, "Status", "503"], ["delay", "delay", null, "Seconds", "2"],
  ["close before handling", "drop", "before"], ["close after handling, without a response", "drop", "after"],
  ["close in the headers", "drop", "headers"], ["close in the body", "drop", "body"],
  ["report an expired token", "expired", true], ["truncate the body and close", "truncate", null, "Bytes", "300"],
  ["truncate the body, end normally", "shorten", null, "Bytes, or half", "half"], ["flip a bit of the request body", "flip", null, "Offset", "0"],
  ["fail the job being created", "job", "fail"], ["stall the job being created", "job", "stall"],
  ["turn the losses of the job being created into NaN", "job", "nan"],
  ["fail the endpoint being created", "endpoint", "fail"], ["leave the endpoint unready", "endpoint", "unready"],
  ["fail the deployment being created", "deployment", "fail"], ["leave the deployment unready", "deployment", "not_ready"],
  ["throttle a chat", "chat", "throttled"], ["filter a chat's prompt", "chat", "filtered"], ["break a chat's stream", "chat", "broken"],
];
const DEFAULTS = { count: 1, skip: 0, probability: 1, delay: 0, spelling: "seconds", expired: false, carried_out: false, loss: "NaN", quoted: false };
let clocks = new Map(), skew = 0, workspace = "";

function tick() {
  const clock = clocks.get(workspace) ?? clocks.get("");
  if (!clock) return;
  const wall = Date.now() / 1000 + skew;
  setText($("#now"), formatTime(clock.start + wall * clock.scale));
}

function showClock() {
  const clock = clocks.get(workspace) ?? clocks.get("");
  const paused = clock.mode === "virtual";
  setText($("#mode"), paused ? (clock.step_on_poll ? `paused, +${clock.step_on_poll} s per poll` : "paused") : clock.mode === "real" ? "running" : `running ${clock.scale} ×`);
  $("#mode").dataset.tone = paused ? "wait" : "live";
  setText($("#run"), paused ? "Run" : "Pause");
  const select = $("#clock-of");
  select.hidden = clocks.size < 2;
  syncChildren(select, [...clocks], () => el("option"), (option, _, name) => { option.value = name; setText(option, name || "default"); });
  select.value = workspace;
  tick();
}

const move = (change) => showErrors(() => getJson("/_mock/clock", { method: "POST", body: { workspace, ...change } }));

export const advance = () => move({ advance: $("#seconds").value });

export function run() {
  const speed = Number($("#speed").value);
  return move($("#run").textContent === "Pause" ? { mode: "virtual" } : speed === 1 ? { mode: "real" } : { mode: "scaled", scale: speed });
}

function ruleOf(form) {
  const typed = (name) => form.elements[name].value.trim();
  const [, field, value] = EFFECTS[form.elements.effect.selectedIndex];
  const amount = typed("amount");
  const rule = { [field]: value ?? (amount !== "" && Number.isFinite(Number(amount)) ? Number(amount) : amount) };
  for (const name of ["operation", "path"]) if (typed(name)) rule[name] = typed(name);
  if (typed("retry_after")) rule.retry_after = Number(typed("retry_after"));
  rule.count = typed("count") ? Number(typed("count")) : null;
  return { ...rule, ...JSON.parse(typed("more") || "{}") };
}

function describeRule(rule) {
  const { id, matched, done, ...fields } = rule;
  const shown = Object.entries(fields).filter(([name, value]) => value != null && value !== DEFAULTS[name] && JSON.stringify(value) !== "{}");
  return shown.map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`).join(" · ");
}

function makeFault(rule) {
  const remove = el("button", { type: "button", "aria-label": `Remove fault ${rule.id}` }, "Remove");
  remove.onclick = () => showErrors(() => getJson(`/_mock/faults?id=${rule.id}`, { method: "DELETE" }));
  return el("li", { class: "card line" }, el("b", {}, `#${rule.id}`), el("span", { class: "what" }), el("span", { class: "pill done" }), remove);
}

function updateFault(item, rule) {
  setText($(".what", item), describeRule(rule));
  setText($(".done", item), rule.count == null ? `matched ${rule.done}, no limit` : `matched ${rule.done} of ${rule.count}`);
  $(".done", item).dataset.tone = rule.done ? (rule.done === rule.count ? "flat" : "live") : "wait";
}

let isFetching = false, stale = false;

/** Fetch the verdict; under load, rarely enough not to slow down the server. */
async function judge() {
  stale = true;
  if (isFetching) return;
  for (isFetching = true; stale; ) {
    stale = false;
    const began = performance.now();
    await getJson("/_mock/ui/verdict").then(showVerdict, () => {});
    await new Promise((resolve) => setTimeout(resolve, 250 + 20 * (performance.now() - began)));
  }
  isFetching = false;
}

function showVerdict({ verdict, charges, requests }) {
  const pill = $("#verdict-pill");
  setText(pill, charges.length ? `${verdict}, ${charges.length}` : verdict);
  pill.dataset.tone = charges.length ? "bad" : "good";
  setText($("#verdict-summary"), `${charges.length ? "The client is guilty." : "The client is clean."} ${requests.toLocaleString("en")} requests checked.`);
  $("#charges").replaceChildren(...charges.map((charge) => {
    const links = charge.requests.map((one) => {
      const link = el("button", { type: "button", class: "link" }, `#${one.n} ${one.method} ${one.status ?? "dropped"} ${one.operation}`);
      link.onclick = () => { location.hash = "#requests"; open(one.n); };
      return el("li", {}, link);
    });
    const more = charge.count > links.length ? el("li", {}, `and ${charge.count - links.length} more`) : null;
    return el("article", { class: "card" }, el("h2", {}, charge.charge), el("p", {}, charge.because), el("ul", {}, ...links, more));
  }));
}

export function changed(sections, state, wall) {
  if (wall) skew = wall - Date.now() / 1000;
  if (sections.clocks) {
    clocks = state.clocks;
    if (!clocks.has(workspace)) workspace = "";
    showClock();
  }
  if (sections.faults) syncChildren($("#fault-list"), [...state.faults], makeFault, updateFault);
  if (sections.journal) judge();
}

export function start() {
  getJson("/_mock/ui/operations").then(({ operations }) => {
    $("#fault").elements.operation.append(...operations.map((name) => el("option", {}, name)));
  }, () => {});
  const form = $("#fault"), effect = form.elements.effect, label = $("#amount-label");
  effect.append(...EFFECTS.map(([words]) => el("option", {}, words)));
  effect.onchange = () => {
    const [, , value, name, amount] = EFFECTS[effect.selectedIndex];
    label.hidden = value != null;
    setText($("span", label), name ?? "");
    form.elements.amount.value = amount ?? "";
  };
  form.onsubmit = (event) => { event.preventDefault(); showErrors(() => getJson("/_mock/faults", { method: "POST", body: ruleOf(form) })); };
  $("#faults-clear").onclick = () => showErrors(() => getJson("/_mock/faults", { method: "DELETE" }));
  $("#advance").onsubmit = (event) => { event.preventDefault(); advance(); };
  $("#run").onclick = run;
  $("#clock-of").onchange = (event) => { workspace = event.target.value; showClock(); };
  setInterval(tick, 250);
}
