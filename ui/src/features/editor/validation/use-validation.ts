/** Checking as somebody types: the drawing at once, the rest by the server a moment later. */
import { useEffect } from "react";
import { updated } from "@/graph/checks";
import { validateWorkflow } from "../api";
import { type EditorStore, useEditorStore } from "../store";
import { meansTheSame } from "./means-the-same";

const PAUSE = 300;
/** Looking at the drawing itself waits until what was typed is on the screen. */
const MOMENT = 40;

export function useValidation(): void {
  const store = useEditorStore();
  useEffect(() => watch(store), [store]);
}

/** Checks now, and after each change that means something. Gives what ends it. */
function watch(store: EditorStore): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let looking: ReturnType<typeof setTimeout> | undefined;
  let asked = new AbortController();

  const ask = async () => {
    asked.abort();
    asked = new AbortController();
    const { history, nodeTypes } = store.getState();
    try {
      const problems = await validateWorkflow(history.present, asked.signal);
      // Something may have changed on the way: what is wrong with the drawing is known better here.
      const { present } = store.getState().history;
      const now = present === history.present ? problems : updated(problems, present, nodeTypes);
      store.getState().setProblems(now);
    } catch {
      // Without an answer, what was said last stays; the next change asks again.
    }
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), PAUSE);
  };
  const look = () => {
    const { history, nodeTypes, problems, setProblems } = store.getState();
    setProblems(updated(problems, history.present, nodeTypes));
  };

  void ask();
  const unsubscribe = store.subscribe(({ history }, before) => {
    if (meansTheSame(history.present, before.history.present)) return;
    clearTimeout(looking);
    looking = setTimeout(look, MOMENT);
    later();
  });
  return () => {
    unsubscribe();
    clearTimeout(timer);
    clearTimeout(looking);
    asked.abort();
  };
}
