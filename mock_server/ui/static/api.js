// Asking the server: JSON with its errors as Errors, the events that it sends, and the token kept in memory only.

import { $ } from "./dom.js";

let token = null;
let asking = null;

/** Ask the person for the token, once however many requests wait for it. */
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

/** Fetch from this server's own routes; a refusal becomes an Error in the server's words. */
export async function reach(path, { method = "GET", body, signal } = {}) {
  for (;;) {
    const headers = { ...(body && { "Content-Type": "application/json" }), ...(token && { "X-Mock-Token": token }) };
    const options = { method, headers, signal, cache: "no-store", credentials: "omit", redirect: "error" };
    const answer = await fetch(path, { ...options, body: body && JSON.stringify(body) });
    if (answer.ok) return answer;
    const refusal = (await answer.json().catch(() => ({}))).error ?? {};
    if (refusal.code !== "MockTokenRequired") throw new Error(refusal.message ?? `the server answered ${answer.status}`);
    await askForToken();
  }
}

export const ask = async (path, options) => (await reach(path, options)).json();

/** Give the data of each server-sent event of an answer's body. */
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

/** Listen for ever: `tell` gets each event, `line` whether somebody is at the other end. */
export async function listen(tell, line) {
  for (let wait = 500; ; wait = Math.min(wait * 2, 5000)) {
    try {
      const answer = await reach("/_mock/ui/events");
      line(true);
      wait = 500;
      for await (const data of events(answer)) tell(JSON.parse(data));
    } catch (error) {
      console.debug(error.message);
    }
    line(false);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/** Do what a person asked for, and show what the server says against it. */
export async function trying(act) {
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
