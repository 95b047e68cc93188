// Requests to the server: JSON with errors as Error, server-sent events, and the admin token, kept in memory only.

import { $ } from "./dom.js";

let token = null;
let asking = null;

/** Prompt for the token, once for all requests that wait for it. */
function askForToken() {
  asking ??= new Promise((resolve) => {
    const dialog = $("#token"), form = $("#token-form");
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    form.onsubmit = (event) => {
      event.preventDefault();
      token = $("#token-value").value;
      $("#token-value").value = "";
      dialog.close();
      asking = null;
      resolve();
    };
    dialog.showModal();
  });
  return asking;
}

/** Fetch from this server's own routes; an error response becomes an Error with the server's message. */
export async function request(path, { method = "GET", body, signal } = {}) {
  for (;;) {
    const headers = { ...(body && { "Content-Type": "application/json" }), ...(token && { "X-Mock-Token": token }) };
    const options = { method, headers, signal, cache: "no-store", credentials: "omit", redirect: "error" };
    const answer = await fetch(path, { ...options, body: body && JSON.stringify(body) });
    if (answer.ok) return answer;
    const failure = (await answer.json().catch(() => ({}))).error ?? {};
    if (failure.code !== "MockTokenRequired") throw new Error(failure.message ?? `the server responded with status ${answer.status}`);
    await askForToken();
  }
}

export const getJson = async (path, options) => (await request(path, options)).json();

/** Yield the data of each server-sent event in a response body. */
export async function* events(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    held += value;
    const whole = held.split("\n\n");
    held = whole.pop();
    for (const event of whole) if (event.startsWith("data: ")) yield event.slice(6);
  }
}

/** Listen without end: `onEvent` receives each event, `onConnection` whether the server is connected. */
export async function listen(onEvent, onConnection) {
  for (let wait = 500; ; wait = Math.min(wait * 2, 5000)) {
    try {
      const answer = await request("/_mock/ui/events");
      onConnection(true);
      wait = 500;
      for await (const data of events(answer)) onEvent(JSON.parse(data));
    } catch (error) {
      console.debug(error.message);
    }
    onConnection(false);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/** Run an action and show its error message, if any. */
export async function showErrors(act) {
  const problem = $("#problem");
  problem.hidden = true;
  try {
    await act();
    return true;
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
    return false;
  }
}
