// Jobs and datasets: a card per job, whose curve is fetched again while it is visible and has changed.

import { getJson, showErrors } from "./api.js";
import { draw } from "./curve.js";
import { $, formatBytes, el, syncChildren, formatTime, newest, setText, shortId } from "./dom.js";
import { find } from "./journal.js";

const REFRESH_MS = 500; // milliseconds between refreshes of the curves
const TONES = { Completed: "good", Failed: "bad", Canceled: "flat", Running: "live", Finalizing: "live", NotResponding: "bad", succeeded: "good", failed: "bad", cancelled: "flat", running: "live" };
const ENDED = new Set(["Completed", "Failed", "Canceled", "succeeded", "failed", "cancelled"]);
let jobs = new Map(), logged = null, failing = null;
const drawn = new Map(), curves = new Map(); // by job: the state last drawn, and its points
const visible = new Set();
const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    visible[isIntersecting ? "add" : "delete"](target.dataset.key);
    if (isIntersecting) drawCurve(target, target.dataset.key); // its size may have changed meanwhile
  }
});

function button(words, job, act) {
  const made = el("button", { type: "button", "data-act": words.toLowerCase(), "aria-label": `${words}${/Cancel|Fail$/.test(words) ? "" : " of"} job ${job.name}` }, words);
  made.onclick = act;
  return made;
}

const end = (job, action, more) => showErrors(() => getJson(`/_mock/ui/jobs/${action}`, { method: "POST", body: { guid: job.guid, job: job.name, ...more } }));

/** Show a job's log; with `last` from its end, where a failure is. */
async function showLog(job, last = false) {
  const { lines, omitted } = await getJson(`/_mock/ui/log?${new URLSearchParams({ guid: job.guid, job: job.name })}`);
  logged = job;
  setText($("#log-of"), job.name);
  setText($("#log-lines"), [...(omitted ? [`(${omitted} earlier lines)`] : []), ...lines].join("\n") || "The log is empty.");
  if (!$("#log").open) $("#log").showModal();
  if (last) $("#log-lines").scrollTop = $("#log-lines").scrollHeight;
}

function askForReason(job) {
  failing = job;
  setText($("#fail-of"), job.name);
  $("#fail-reason").value = "The job was failed by hand.";
  $("#fail").showModal();
  $("#fail-reason").select();
}

function make(job) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("role", "img");
  const card = el(
    "article", { class: "card", "aria-label": `Job ${job.name}` },
    el("h2", {}, el("span", { class: "title" }), el("span", { class: "pill status" })),
    el("p", { class: "meta" }),
    el("progress", { "aria-label": "Steps done" }),
    el("p", { class: "steps" }),
    el("figure", {}, svg, el("figcaption", {}, el("span", { class: "key loss" }), el("span", { class: "key eval" }))),
    el("p", { class: "failure", hidden: "" }),
    el(
      "p", { class: "actions" },
      button("Log", job, () => showErrors(() => showLog(job))), button("Failure", job, () => showErrors(() => showLog(job, true))),
      button("Requests", job, () => find(job.name)), button("Cancel", job, () => end(job, "cancel")), button("Fail", job, () => askForReason(job)),
    ),
    el("details", {}, el("summary", {}, "Request"), el("pre", { tabindex: "0" })),
  );
  observer.observe(card);
  return card;
}

function update(card, job) {
  setText($(".title", card), job.title);
  const pill = $(".status", card);
  setText(pill, job.status);
  pill.dataset.tone = TONES[job.status] ?? "wait";
  setText($(".meta", card), [shortId(job.model), `on ${shortId(job.data)}`, `${job.rows} rows`, `in ${job.workspace}`, formatTime(job.created)].join(" · "));
  const bar = $("progress", card);
  [bar.max, bar.value] = [job.steps, job.step];
  setText($(".steps", card), `step ${job.step} of ${job.steps}${job.output ? ` · registered ${job.output}` : ""}`);
  const failure = $("p.failure", card);
  failure.hidden = !job.failure;
  setText(failure, job.failure ?? "");
  $("[data-act=failure]", card).hidden = !job.failure;
  for (const name of ["cancel", "fail"]) $(`[data-act=${name}]`, card).hidden = ENDED.has(job.status);
  setText($("pre", card), JSON.stringify({ name: job.name, model: job.model, trainingData: job.data, hyperParameters: job.hyperparameters }, null, 2));
}

function drawCurve(card, key) {
  const points = curves.get(key);
  if (!points) return;
  draw($("svg", card), points);
  const last = (pairs) => (pairs.length ? pairs.at(-1)[1].toFixed(4) : "–");
  setText($(".key.loss", card), `loss ${last(points.loss)}`);
  setText($(".key.eval", card), `eval loss ${last(points.eval_loss)}`);
}

const cardOf = (key) => $(`[data-key="${CSS.escape(key)}"]`, $("#job-cards"));

/** Fetch the visible curves that are older than their jobs, one after the other. */
async function refreshCurves() {
  for (const key of visible) {
    const job = jobs.get(key), card = cardOf(key);
    const state = job && `${job.step} ${job.status} ${job.created}`;
    if (!card) visible.delete(key);
    if (!job || !card || drawn.get(key) === state) continue;
    try {
      curves.set(key, await getJson(`/_mock/ui/curve?${new URLSearchParams({ guid: job.guid, job: job.name })}`));
      drawn.set(key, state);
      drawCurve(card, key);
    } catch { /* deleted meanwhile: the next event removes its card */ }
  }
  setTimeout(refreshCurves, REFRESH_MS);
}

export function changed(sections, state) {
  if (sections.jobs) {
    jobs = state.jobs;
    for (const key of drawn.keys()) if (!jobs.has(key)) drawn.delete(key), curves.delete(key);
    syncChildren($("#job-cards"), newest(jobs), make, update);
    if (logged && $("#log").open) showLog(logged).catch(() => {}); // deleted meanwhile: what was read stays
  }
  if (sections.datasets) {
    const cell = (label, kind) => el("td", { "data-label": label, class: kind });
    const row = () => el("tr", {}, cell("Name", "strong"), cell("Workspace"), cell("Size", "number"), cell("Created"), cell("URI", "mono"));
    syncChildren($("#dataset-rows"), newest(state.datasets), row, (line, data) => {
      const cells = [data.name, data.workspace, formatBytes(data.bytes), formatTime(data.created), data.uri + (data.description ? ` · ${data.description}` : "")];
      cells.forEach((text, place) => setText(line.children[place], text));
    });
  }
}

export function start() {
  $("#fail-form").onsubmit = async (event) => {
    event.preventDefault();
    $("#fail").close();
    await end(failing, "fail", { reason: $("#fail-reason").value.trim() });
  };
  $("#fail-close").onclick = () => $("#fail").close();
  addEventListener("resize", () => { for (const key of visible) if (cardOf(key)) drawCurve(cardOf(key), key); });
  refreshCurves();
}
