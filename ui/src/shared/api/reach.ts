/** Whether the server answers at all. While it does not, it is asked every few seconds, and pages go on when it is back. */
import { createStore } from "zustand";

export const reach = createStore<{ answers: boolean }>(() => ({ answers: true }));

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 15_000;
const PATIENCE_MS = 10_000;
const ASKED = "/api/v1/auth/session";

let timer: ReturnType<typeof setTimeout> | undefined;
let pause = FIRST_PAUSE_MS;

/** An answer came, whatever it says. */
export function noteAnswer(): void {
  clearTimeout(timer);
  timer = undefined;
  pause = FIRST_PAUSE_MS;
  if (!reach.getState().answers) reach.setState({ answers: true });
}

/** None came. */
export function noteSilence(): void {
  if (reach.getState().answers) reach.setState({ answers: false });
  timer ??= setTimeout(ask, pause);
}

/** Calls back each time that the server is back. Gives what ends it. */
export function onReturn(goOn: () => void): () => void {
  return reach.subscribe((now, before) => {
    if (now.answers && !before.answers) goOn();
  });
}

async function ask(): Promise<void> {
  clearTimeout(timer);
  pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  try {
    const { ok } = await fetch(ASKED, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (ok) {
      noteAnswer();
      return;
    }
  } catch {
    // Still nothing.
  }
  timer = setTimeout(ask, pause);
}

globalThis.addEventListener?.("online", () => {
  if (!reach.getState().answers) void ask();
});
