// The user's own compute: clusters with their nodes, what they cost by the hour, and what keeps nodes away.

import { $, el, syncChildren, newest, setText } from "./dom.js";

const TONES = { Succeeded: "good", Failed: "bad", Deleting: "flat" };

const make = (cluster) =>
  el("li", { class: "card", "aria-label": `Cluster ${cluster.name}` }, el("h2", {}, el("span", { class: "title" }), el("span", { class: "pill status" })), el("p", { class: "meta" }), el("p", { class: "nodes" }), el("p", { class: "failure", hidden: "" }));

function update(item, cluster) {
  setText($(".title", item), cluster.name);
  const pill = $(".status", item);
  setText(pill, cluster.state);
  pill.dataset.tone = TONES[cluster.state] ?? "wait";
  const price = `${cluster.hourly_price.toFixed(2)} USD an hour now`;
  setText($(".meta", item), `${cluster.size}${cluster.low_priority ? ", low priority" : ""} · in ${cluster.workspace} · ${price}`);
  const states = Object.entries(cluster.nodes).map(([state, count]) => `${count} ${state}`);
  setText($(".nodes", item), `Nodes: ${states.join(", ") || "none"} (${cluster.least} to ${cluster.most})`);
  $(".failure", item).hidden = !cluster.problems;
  setText($(".failure", item), cluster.problems);
}

export function changed(sections, state) {
  if (sections.computes) syncChildren($("#compute-list"), newest(state.computes), make, update);
}

export const start = () => {};
