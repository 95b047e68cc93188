// Endpoints, and a chat with one of them as clients do it: with its key, at its scoring URL, streamed.

import { getJson, events, showErrors } from "./api.js";
import { $, el, syncChildren, newest, formatTime, setText, shortId } from "./dom.js";

const TONES = { Online: "good", CreationFailed: "bad", Deleting: "flat" };
let selected = null, history = [], controller = null, endpoints = new Map();

function make(endpoint, name) {
  const button = el("button", { type: "button", class: "choose" }, "Chat");
  button.onclick = () => choose(name);
  return el("li", { class: "card" }, el("h2", {}, el("span", { class: "title" }), el("span", { class: "pill status" })), el("p", { class: "meta" }), el("p", { class: "failure", hidden: "" }), button);
}

function update(item, endpoint, name) {
  setText($(".title", item), endpoint.deployment ?? name);
  const pill = $(".status", item);
  setText(pill, endpoint.unready_status ? `Online, responding ${endpoint.unready_status}` : endpoint.state);
  pill.dataset.tone = endpoint.unready_status ? "wait" : TONES[endpoint.state] ?? "wait";
  const life = endpoint.expires ? ` · removed ${formatTime(endpoint.expires)}${endpoint.for_a_day ? "" : " unless called"}` : "";
  const address = endpoint.deployment ? `${endpoint.sku}${life}` : `/maas/${name}`;
  setText($(".meta", item), `${shortId(endpoint.model)} · in ${endpoint.workspace} · ${address}`);
  $(".failure", item).hidden = !endpoint.failure;
  setText($(".failure", item), endpoint.failure);
  const button = $(".choose", item);
  button.disabled = endpoint.state !== "Online";
  button.setAttribute("aria-label", `Chat with ${endpoint.deployment ?? name}`);
}

export function changed(sections, state) {
  if (!sections.endpoints) return;
  endpoints = state.endpoints;
  syncChildren($("#endpoint-list"), newest(state.endpoints), make, update);
  if (selected && !state.endpoints.has(selected)) (selected = null), ($("#chat").hidden = true);
}

function choose(name) {
  if (name !== selected) resetChat();
  selected = name;
  setText($("#chat-with"), endpoints.get(name)?.deployment ?? name);
  $("#chat").hidden = false;
  $("#message").focus();
}

function resetChat() {
  controller?.abort();
  history = [];
  $("#conversation").replaceChildren();
}

/** Focus the chat box, with the last selected endpoint or the first available one. */
export function focus() {
  const first = $("#endpoint-list .choose:not(:disabled)");
  if (selected) $("#message").focus();
  else first?.click();
}

function addMessage(role, text) {
  const made = el("p", { class: `message ${role}` }, text);
  $("#conversation").append(made);
  made.scrollIntoView({ block: "nearest" });
  return made;
}

async function send(text) {
  const asked = [...history, { role: "user", content: text }];
  addMessage("user", text);
  const answer = addMessage("assistant", "");
  controller = new AbortController();
  setBusy(true);
  let received = "", complete = false;
  const done = await showErrors(async () => {
    const { key } = await getJson(`/_mock/ui/key?${new URLSearchParams({ endpoint: selected })}`);
    const { chat, deployment, pinned } = endpoints.get(selected);
    const response = await fetch(chat, {
      method: "POST", signal: controller.signal, credentials: "omit", redirect: "error",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${key}`, ...(pinned && { "azureml-model-deployment": pinned }) },
      body: JSON.stringify({ model: deployment, messages: asked, stream: true }),
    });
    if (!response.ok) throw new Error(`${response.status}: ${reason(await response.text()) || "no error message"}`);
    for await (const data of events(response)) {
      if (data === "[DONE]") { complete = true; continue; }
      const delta = JSON.parse(data).choices?.[0]?.delta ?? {};
      received += delta.content ?? "";
      if (delta.tool_calls) received += JSON.stringify(delta.tool_calls, null, 2);
      setText(answer, received);
      answer.scrollIntoView({ block: "nearest" });
    }
    if (!complete) throw new Error("the stream was cut before its end marker");
  });
  // The conversation does not continue from a cut answer: the question has to be sent again.
  if (done && complete) history = [...asked, { role: "assistant", content: received }];
  else if (received) answer.classList.add("cut");
  else answer.remove();
  setBusy(false);
}

/** Return the message of an error body: in JSON, or as plain text from the gateway of online endpoints. */
function reason(text) {
  try {
    return JSON.parse(text).error?.message;
  } catch {
    return text;
  }
}

function setBusy(isBusy) {
  [$("#send").hidden, $("#stop").hidden] = [isBusy, !isBusy];
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
  $("#stop").onclick = () => controller?.abort();
  $("#new-chat").onclick = () => { resetChat(); box.focus(); };
}
