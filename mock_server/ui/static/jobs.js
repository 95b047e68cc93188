// Jobs and data sets: a card for each job, whose curve is fetched again while it is in sight and has grown.

import { ask } from "./api.js";
import { draw } from "./curve.js";
import { $, bytes, el, keep, moment, newest, say, short } from "./dom.js";

const EVERY = 500; // milliseconds between looks at what has grown
const TONES = { Completed: "good", Failed: "bad", Canceled: "flat", Running: "live", Finalizing: "live", NotResponding: "bad" };
let jobs = new Map();
const drawn = new Map(), curves = new Map(); // by job: the state that was drawn, and its points
const inSight = new Set();
const watch = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting } of seen) {
    inSight[isIntersecting ? "add" : "delete"](target.dataset.key);
    if (isIntersecting) picture(target, target.dataset.key); // the room may have changed meanwhile
  }
});

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
    el("details", {}, el("summary", {}, "What was asked for"), el("pre", { tabindex: "0" })),
  );
  watch.observe(card);
  return card;
}

function update(card, job) {
  say($(".title", card), job.title);
  const pill = $(".status", card);
  say(pill, job.status);
  pill.dataset.tone = TONES[job.status] ?? "wait";
  say($(".meta", card), [short(job.model), `on ${short(job.data)}`, `${job.rows} rows`, `in ${job.workspace}`, moment(job.created)].join(" · "));
  const bar = $("progress", card);
  [bar.max, bar.value] = [job.steps, job.step];
  say($(".steps", card), `step ${job.step} of ${job.steps}${job.output ? ` · made ${job.output}` : ""}`);
  const failure = $(".failure", card);
  failure.hidden = !job.failure;
  say(failure, job.failure ?? "");
  say($("pre", card), JSON.stringify({ name: job.name, model: job.model, trainingData: job.data, hyperParameters: job.hyperparameters }, null, 2));
}

function picture(card, key) {
  const points = curves.get(key);
  if (!points) return;
  draw($("svg", card), points);
  const last = (pairs) => (pairs.length ? pairs.at(-1)[1].toFixed(4) : "–");
  say($(".key.loss", card), `loss ${last(points.loss)}`);
  say($(".key.eval", card), `eval loss ${last(points.eval_loss)}`);
}

const cardOf = (key) => $(`[data-key="${CSS.escape(key)}"]`, $("#job-cards"));

/** Fetch the curves that are in sight and older than their jobs, one after the other. */
async function grow() {
  for (const key of inSight) {
    const job = jobs.get(key), card = cardOf(key);
    const state = job && `${job.step} ${job.status} ${job.created}`;
    if (!card) inSight.delete(key);
    if (!job || !card || drawn.get(key) === state) continue;
    try {
      curves.set(key, await ask(`/_mock/ui/curve?${new URLSearchParams({ guid: job.guid, job: job.name })}`));
      drawn.set(key, state);
      picture(card, key);
    } catch { /* gone meanwhile: the next event takes its card away */ }
  }
  setTimeout(grow, EVERY);
}

export function changed(sections, state) {
  if (sections.jobs) {
    jobs = state.jobs;
    for (const key of drawn.keys()) if (!jobs.has(key)) drawn.delete(key), curves.delete(key);
    keep($("#job-cards"), newest(jobs), make, update);
  }
  if (sections.datasets) {
    const row = () => el("tr", {}, el("td", { class: "strong" }), el("td"), el("td", { class: "number" }), el("td"), el("td", { class: "mono" }));
    keep($("#dataset-rows"), newest(state.datasets), row, (line, data) => {
      const cells = [data.name, data.workspace, bytes(data.bytes), moment(data.created), data.uri + (data.description ? ` · ${data.description}` : "")];
      cells.forEach((text, place) => say(line.children[place], text));
    });
  }
}

export function start() {
  addEventListener("resize", () => { for (const key of inSight) if (cardOf(key)) picture(cardOf(key), key); });
  grow();
}
