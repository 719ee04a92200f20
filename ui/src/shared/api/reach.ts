/** Whether the server answers at all. While it does not, it is asked every few seconds, and pages go on when it is back. */
import { createStore } from "zustand";

export const reach = createStore<{ answers: boolean }>(() => ({ answers: true }));

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;
const PATIENCE_MS = 10_000;
const ASKED = "/api/v1/auth/session";

let timer: ReturnType<typeof setTimeout> | undefined;
let pause = FIRST_PAUSE_MS;
/** Whether the server was asked how it does, and did not answer: else it is one request that gets no answer. */
let isAway = false;
const waiting = new Set<() => void>();

/** An answer came, whatever it says. */
export function noteAnswer(): void {
  clearTimeout(timer);
  timer = undefined;
  pause = FIRST_PAUSE_MS;
  if (reach.getState().answers) return;
  const isBack = isAway;
  isAway = false;
  reach.setState({ answers: true });
  if (isBack) for (const goOn of [...waiting]) goOn();
}

/** None came. */
export function noteSilence(): void {
  if (reach.getState().answers) reach.setState({ answers: false });
  timer ??= setTimeout(ask, pause);
}

/**
 * Calls back each time that the server is back. Gives what ends it. What alone gets no answer from a server that
 * answers is not asked for again by that: it would be without end.
 */
export function onReturn(goOn: () => void): () => void {
  const mine = () => goOn();
  waiting.add(mine);
  return () => waiting.delete(mine);
}

/** Loads a part of the app. Without a connection it waits for one: what is on the page stays meanwhile. */
export async function whenThere<Part>(load: () => Promise<Part>): Promise<Part> {
  for (;;) {
    try {
      return await load();
    } catch (cause) {
      // With a server that answers, the part itself is gone: there is a newer version.
      if (await isThere()) throw cause;
      isAway = true;
      noteSilence();
      await new Promise<void>((goOn) => {
        const stop = onReturn(() => {
          stop();
          goOn();
        });
      });
    }
  }
}

async function ask(): Promise<void> {
  clearTimeout(timer);
  pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  if (await isThere()) return noteAnswer();
  isAway = true;
  timer = setTimeout(ask, pause);
}

async function isThere(): Promise<boolean> {
  try {
    return (await fetch(ASKED, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) })).ok;
  } catch {
    return false;
  }
}

globalThis.addEventListener?.("online", () => {
  if (!reach.getState().answers) void ask();
});
