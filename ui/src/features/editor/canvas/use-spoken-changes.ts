/** What was changed, undone or done again, for those who do not see it. */
import { useEffect } from "react";
import type { History } from "@/graph/history";
import type { Workflow } from "@/graph/workflow";
import { useEditorStore } from "../store";
import { useCanvasStore } from "./canvas-state";

export function useSpokenChanges(): void {
  const store = useEditorStore();
  const canvas = useCanvasStore();
  useEffect(
    () =>
      store.subscribe(({ history }, before) => {
        const words = wordsOf(history, before.history);
        if (words !== null) canvas.setState({ announcement: words });
      }),
    [store, canvas],
  );
}

/** Null where nothing is worth a word: keystrokes in a field are heard as they are typed. */
export function wordsOf(now: History<Workflow>, before: History<Workflow>): string | null {
  if (now.present === before.present || now.past === before.past) return null;
  if (now.future !== null && now.future.rest === before.future) return `Undone: ${now.future.label}.`;
  if (before.future !== null && now.future === before.future.rest && now.present === before.future.value)
    return `Done again: ${before.future.label}.`;
  return now.past === null || now.past.key !== null ? null : `${now.past.label}.`;
}
