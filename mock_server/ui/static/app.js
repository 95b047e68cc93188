// The page's start: what the server tells goes to the views, the address chooses one, single keys lead everywhere.

import { listen } from "./api.js";
import * as chat from "./chat.js";
import * as controls from "./controls.js";
import { $, say } from "./dom.js";
import * as jobs from "./jobs.js";
import * as journal from "./journal.js";

const VIEWS = ["jobs", "datasets", "endpoints", "requests", "verdict", "faults"];
const state = Object.fromEntries(["jobs", "datasets", "endpoints", "faults", "clocks", "journal"].map((name) => [name, new Map()]));

function tell({ begin, wall, ...sections }) {
  if (begin) for (const map of Object.values(state)) map.clear();
  for (const [name, { changed, gone }] of Object.entries(sections)) {
    for (const key of gone) state[name].delete(key);
    for (const [key, item] of Object.entries(changed)) state[name].set(key, item);
  }
  const touched = begin ? state : sections; // what was there before a restart may be gone
  for (const view of [jobs, chat, journal, controls]) view.changed(touched, state, wall);
  for (const name of ["jobs", "datasets", "endpoints", "faults"]) {
    say($(`[data-count=${name}]`), state[name].size.toLocaleString("en"));
    const empty = $(`#view-${name} .empty`);
    if (empty) empty.hidden = state[name].size > 0;
  }
  const { first, last } = state.journal.get("span");
  say($("[data-count=requests]"), (last - first + 1).toLocaleString("en"));
}

function show() {
  const view = location.hash.slice(1) || "jobs";
  if (!VIEWS.includes(view)) return; // a link within the page
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
  const writes = event.target.closest?.("input, textarea, select, dialog");
  if (writes || event.ctrlKey || event.metaKey || event.altKey || !$("#shortcuts").checked || !Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});
addEventListener("hashchange", show);
$("#help-open").onclick = KEYS["?"];
for (const view of [jobs, chat, journal, controls]) view.start();
show();
listen(tell, (there) => {
  say($("#line"), there ? location.host : "the server is away; trying again…");
  document.body.classList.toggle("away", !there);
});
