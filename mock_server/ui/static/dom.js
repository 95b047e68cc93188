// DOM helpers: elements built from text, never from markup, and formatting of units.

export const $ = (selector, root = document) => root.querySelector(selector);

/** Create an element; children are elements or text. */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value != null) made.setAttribute(name, value);
  made.append(...children.filter((child) => child != null));
  return made;
}

/** Set an element's text only if it differs, so that screen readers and selections are not disturbed. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Reconcile the children of `parent` with `items`, by key and in order, using `make` and `update`. */
export function syncChildren(parent, items, make, update) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = parent.firstElementChild;
  for (const [key, item] of items) {
    const child = old.get(key) ?? make(item, key);
    child.dataset.key = key;
    old.delete(key);
    update(child, item, key);
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
  }
  for (const child of old.values()) child.remove();
}

export const newest = (items) => [...items].sort((a, b) => (b[1].created ?? 0) - (a[1].created ?? 0));

export function formatBytes(count) {
  if (count == null) return "–";
  const units = ["B", "KiB", "MiB", "GiB"];
  let unit = 0;
  while (count >= 1024 && unit < units.length - 1) (count /= 1024), unit++;
  return `${unit && count < 10 ? count.toFixed(1) : Math.round(count)} ${units[unit]}`;
}

export const formatDuration = (seconds) => (seconds < 1 ? `${Math.max(0, Math.round(seconds * 1000))} ms` : `${seconds.toFixed(1)} s`);

export const formatTime = (seconds) =>
  Math.abs(seconds) < 8.64e12 ? new Date(seconds * 1000).toISOString().replace("T", " ").slice(0, 19) : "–";

export const clockTime = (seconds) => new Date(seconds * 1000).toISOString().slice(11, 23);

/** Return the recognizable part of a long id. */
export const shortId = (id) => /models\/([^/]+)/.exec(id)?.[1] ?? id.split("/paths/").pop().replace(/^.*\/data\/([^/]+)\/versions\/(.+)$/, "$1:$2");
