// Asking the kernel. Whatever goes wrong is said in words.

import { make } from "./elements.js";

const SLOW = "No answer yet. The kernel may be busy with another cell, or was restarted: then run this cell again.";
const PATIENCE = 5000; // milliseconds

/** The kernel's answer; null, and a message at `where`, if there is none. */
export async function answered(host, question, where) {
  const slow = setTimeout(() => where.append(make("p", { class: "vx-slow" }, SLOW)), PATIENCE);
  try {
    const answer = await host.ask(question);
    if (!answer.error) return answer;
    where.replaceChildren(make("p", {}, `The kernel could not answer. ${answer.error}`));
  } catch (error) {
    where.replaceChildren(make("p", {}, `The kernel could not be asked. ${error}`));
  } finally {
    clearTimeout(slow);
  }
  return null;
}
