// Endpoints, and a chat with one of them over the wire that clients use: its own key, its scoring address, a stream.

import { ask, events, trying } from "./api.js";
import { $, el, keep, newest, say, short } from "./dom.js";

const TONES = { Online: "good", CreationFailed: "bad", Deleting: "flat" };
let chosen = null, history = [], stopping = null;

function make(endpoint, name) {
  const button = el("button", { type: "button", class: "choose" }, "Chat");
  button.onclick = () => choose(name);
  return el("li", { class: "card" }, el("h2", {}, el("span", { class: "title" }), el("span", { class: "pill status" })), el("p", { class: "meta" }), el("p", { class: "failure", hidden: "" }), button);
}

function update(item, endpoint, name) {
  say($(".title", item), name);
  const pill = $(".status", item);
  say(pill, endpoint.refuses ? `Online, answers ${endpoint.refuses}` : endpoint.state);
  pill.dataset.tone = endpoint.refuses ? "wait" : TONES[endpoint.state] ?? "wait";
  say($(".meta", item), `${short(endpoint.model)} · in ${endpoint.workspace} · /maas/${name}`);
  $(".failure", item).hidden = !endpoint.failure;
  say($(".failure", item), endpoint.failure);
  const button = $(".choose", item);
  button.disabled = endpoint.state !== "Online";
  button.setAttribute("aria-label", `Chat with ${name}`);
}

export function changed(sections, state) {
  if (!sections.endpoints) return;
  keep($("#endpoint-list"), newest(state.endpoints), make, update);
  if (chosen && !state.endpoints.has(chosen)) (chosen = null), ($("#chat").hidden = true);
}

function choose(name) {
  if (name !== chosen) anew();
  chosen = name;
  say($("#chat-with"), name);
  $("#chat").hidden = false;
  $("#message").focus();
}

function anew() {
  stopping?.abort();
  history = [];
  $("#said").replaceChildren();
}

/** Go to the chat box, with the endpoint chosen last or the first that is there. */
export function focus() {
  const first = $("#endpoint-list .choose:not(:disabled)");
  if (chosen) $("#message").focus();
  else first?.click();
}

function bubble(role, text) {
  const made = el("p", { class: `said ${role}` }, text);
  $("#said").append(made);
  made.scrollIntoView({ block: "nearest" });
  return made;
}

async function send(text) {
  const asked = [...history, { role: "user", content: text }];
  bubble("user", text);
  const answer = bubble("assistant", "");
  stopping = new AbortController();
  busy(true);
  let said = "", whole = false;
  const done = await trying(async () => {
    const { key } = await ask(`/_mock/ui/key?${new URLSearchParams({ endpoint: chosen })}`);
    const response = await fetch(`/maas/${encodeURIComponent(chosen)}/v1/chat/completions`, {
      method: "POST", signal: stopping.signal, credentials: "omit", redirect: "error",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${key}` },
      body: JSON.stringify({ messages: asked, stream: true }),
    });
    if (!response.ok) throw new Error(`${response.status}: ${(await response.json().catch(() => ({}))).error?.message ?? "no more was said"}`);
    for await (const data of events(response)) {
      if (data === "[DONE]") { whole = true; continue; }
      const delta = JSON.parse(data).choices?.[0]?.delta ?? {};
      said += delta.content ?? "";
      if (delta.tool_calls) said += JSON.stringify(delta.tool_calls, null, 2);
      say(answer, said);
      answer.scrollIntoView({ block: "nearest" });
    }
    if (!whole) throw new Error("the answer ended before its end");
  });
  // A conversation does not go on from an answer that was cut: the question is asked anew.
  if (done && whole) history = [...asked, { role: "assistant", content: said }];
  else if (said) answer.classList.add("cut");
  else answer.remove();
  busy(false);
}

function busy(is) {
  [$("#send").hidden, $("#stop").hidden] = [is, !is];
}

export function start() {
  const box = $("#message");
  $("#ask").onsubmit = (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (!text || !$("#send").checkVisibility()) return;
    box.value = "";
    send(text);
  };
  box.onkeydown = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    $("#ask").requestSubmit();
  };
  $("#stop").onclick = () => stopping?.abort();
  $("#anew").onclick = () => { anew(); box.focus(); };
}
