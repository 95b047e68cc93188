// What a person does to the server: move its clock, order faults; and what it thinks of the client, the verdict.

import { ask, trying } from "./api.js";
import { $, el, keep, moment, say } from "./dom.js";
import { open } from "./journal.js";

const DEEDS = [ // what the select says, the rule's field, its value or null for the one typed in, that one's label, default
  ["answer with a status", "status", null, "Status", "503"], ["wait first", "delay", null, "Seconds", "2"],
  ["close before the work", "drop", "before"], ["lose the reply after the work", "drop", "after"],
  ["close within the headers", "drop", "headers"], ["close within the body", "drop", "body"],
  ["say that the token has expired", "expired", true], ["cut the body and close", "truncate", null, "Bytes", "300"],
  ["shorten the body as if whole", "shorten", null, "Bytes or half", "half"], ["flip a bit of the request", "flip", null, "Offset", "0"],
  ["fail the job that is created", "job", "fail"], ["stall the job that is created", "job", "stall"],
  ["fail the endpoint that is created", "endpoint", "fail"], ["leave the endpoint unready", "endpoint", "unready"],
];
const UNSAID = { count: 1, skip: 0, probability: 1, delay: 0, code: 424, spelling: "seconds", expired: false };
let clocks = new Map(), skew = 0, whose = "";

function tick() {
  const clock = clocks.get(whose) ?? clocks.get("");
  if (!clock) return;
  const wall = Date.now() / 1000 + skew;
  say($("#now"), moment(clock.start + wall * clock.scale));
}

function showClock() {
  const clock = clocks.get(whose) ?? clocks.get("");
  const paused = clock.mode === "virtual";
  say($("#mode"), paused ? (clock.step_on_poll ? `paused, +${clock.step_on_poll} s a poll` : "paused") : clock.mode === "real" ? "running" : `running ${clock.scale} ×`);
  $("#mode").dataset.tone = paused ? "wait" : "live";
  say($("#run"), paused ? "Run" : "Pause");
  const select = $("#clock-of");
  select.hidden = clocks.size < 2;
  keep(select, [...clocks], () => el("option"), (option, _, name) => { option.value = name; say(option, name || "everyone"); });
  select.value = whose;
  tick();
}

const move = (change) => trying(() => ask("/_mock/clock", { method: "POST", body: { workspace: whose, ...change } }));

export const advance = () => move({ advance: $("#seconds").value });

export function run() {
  const speed = Number($("#speed").value);
  return move($("#run").textContent === "Pause" ? { mode: "virtual" } : speed === 1 ? { mode: "real" } : { mode: "scaled", scale: speed });
}

function ruleOf(form) {
  const typed = (name) => form.elements[name].value.trim();
  const [, field, value] = DEEDS[form.elements.deed.selectedIndex];
  const amount = typed("amount");
  const rule = { [field]: value ?? (amount !== "" && Number.isFinite(Number(amount)) ? Number(amount) : amount) };
  for (const name of ["operation", "path"]) if (typed(name)) rule[name] = typed(name);
  if (typed("retry_after")) rule.retry_after = Number(typed("retry_after"));
  rule.count = typed("count") ? Number(typed("count")) : null;
  return { ...rule, ...JSON.parse(typed("more") || "{}") };
}

function wording(rule) {
  const { id, matched, done, ...fields } = rule;
  const said = Object.entries(fields).filter(([name, value]) => value != null && value !== UNSAID[name] && JSON.stringify(value) !== "{}");
  return said.map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`).join(" · ");
}

function makeFault(rule) {
  const remove = el("button", { type: "button", "aria-label": `Remove fault ${rule.id}` }, "Remove");
  remove.onclick = () => trying(() => ask(`/_mock/faults?id=${rule.id}`, { method: "DELETE" }));
  return el("li", { class: "card line" }, el("b", {}, `#${rule.id}`), el("span", { class: "what" }), el("span", { class: "pill done" }), remove);
}

function updateFault(item, rule) {
  say($(".what", item), wording(rule));
  say($(".done", item), `struck ${rule.done}${rule.count == null ? " · for ever" : ` of ${rule.count}`}`);
  $(".done", item).dataset.tone = rule.done ? (rule.done === rule.count ? "flat" : "live") : "wait";
}

let judging = false, stale = false;

/** Fetch the verdict; while requests pour in, so seldom that the judging does not burden the server. */
async function judge() {
  stale = true;
  if (judging) return;
  for (judging = true; stale; ) {
    stale = false;
    const began = performance.now();
    await ask("/_mock/ui/verdict").then(showVerdict, () => {});
    await new Promise((resolve) => setTimeout(resolve, 250 + 20 * (performance.now() - began)));
  }
  judging = false;
}

function showVerdict({ verdict, charges, requests }) {
  const pill = $("#verdict-pill");
  say(pill, charges.length ? `${verdict}, ${charges.length}` : verdict);
  pill.dataset.tone = charges.length ? "bad" : "good";
  say($("#judged"), `${charges.length ? "The client is guilty." : "The client is clean."} ${requests.toLocaleString("en")} requests were looked at.`);
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
    if (!clocks.has(whose)) whose = "";
    showClock();
  }
  if (sections.faults) keep($("#fault-list"), [...state.faults], makeFault, updateFault);
  if (sections.journal) judge();
}

export function start() {
  const form = $("#fault"), deed = form.elements.deed, label = $("#amount-label");
  deed.append(...DEEDS.map(([words]) => el("option", {}, words)));
  deed.onchange = () => {
    const [, , value, name, amount] = DEEDS[deed.selectedIndex];
    label.hidden = value != null;
    say($("span", label), name ?? "");
    form.elements.amount.value = amount ?? "";
  };
  form.onsubmit = (event) => { event.preventDefault(); trying(() => ask("/_mock/faults", { method: "POST", body: ruleOf(form) })); };
  $("#faults-clear").onclick = () => trying(() => ask("/_mock/faults", { method: "DELETE" }));
  $("#advance").onsubmit = (event) => { event.preventDefault(); advance(); };
  $("#run").onclick = run;
  $("#clock-of").onchange = (event) => { whose = event.target.value; showClock(); };
  setInterval(tick, 250);
}
