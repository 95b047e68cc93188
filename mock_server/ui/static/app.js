// Entry point of the page: passes server events to the views, shows the view in the URL, handles keyboard shortcuts.

import { listen } from "./api.js";
import * as chat from "./chat.js";
import * as computes from "./computes.js";
import * as controls from "./controls.js";
import { $, setText } from "./dom.js";
import * as jobs from "./jobs.js";
import * as journal from "./journal.js";

const VIEWS = ["jobs", "datasets", "endpoints", "requests", "verdict", "faults", "computes"];
const state = Object.fromEntries(["jobs", "datasets", "endpoints", "faults", "computes", "clocks", "journal"].map((name) => [name, new Map()]));

function applyEvent({ begin, wall, ...sections }) {
  if (begin) for (const map of Object.values(state)) map.clear();
  for (const [name, { changed, removed }] of Object.entries(sections)) {
    for (const key of removed) state[name].delete(key);
    for (const [key, item] of Object.entries(changed)) state[name].set(key, item);
  }
  const changedSections = begin ? state : sections; // after a server restart every section may have changed
  for (const view of [jobs, chat, journal, controls, computes]) view.changed(changedSections, state, wall);
  for (const name of ["jobs", "datasets", "endpoints", "faults", "computes"]) {
    setText($(`[data-count=${name}]`), state[name].size.toLocaleString("en"));
    const empty = $(`#view-${name} .empty`);
    if (empty) empty.hidden = state[name].size > 0;
  }
  const { first, last } = state.journal.get("span");
  setText($("[data-count=requests]"), (last - first + 1).toLocaleString("en"));
}

function show() {
  const view = location.hash.slice(1) || "jobs";
  if (!VIEWS.includes(view)) return; // a link to an anchor within the page
  for (const name of VIEWS) $(`#view-${name}`).hidden = name !== view;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  scrollTo(0, 0);
  if (view === "requests") journal.shown();
}

const KEYS = {
  "/": () => { location.hash = "#requests"; show(); $("#filter").focus(); $("#filter").select(); },
  "?": () => $("#help").showModal(),
  a: controls.advance,
  p: controls.run,
  c: () => { location.hash = "#endpoints"; show(); chat.focus(); },
};
VIEWS.forEach((view, index) => { KEYS[index + 1] = () => { location.hash = `#${view}`; }; });

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !$("dialog[open]") && journal.close()) return;
  const typing = event.target.closest?.("input, textarea, select, dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !$("#shortcuts").checked || !Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});
addEventListener("hashchange", show);
$("#help-open").onclick = KEYS["?"];
for (const view of [jobs, chat, journal, controls, computes]) view.start();
show();
listen(applyEvent, (connected) => {
  setText($("#connection"), connected ? location.host : "disconnected; retrying…");
  document.body.classList.toggle("disconnected", !connected);
});
