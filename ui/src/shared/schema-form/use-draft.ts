/** What is typed, at once in the field and a little later where it belongs: a keystroke never waits. */
import { useCallback, useEffect, useRef, useState } from "react";
import { useForm } from "./form-context";

const DELAY = 200;
const waitingAnywhere = new Set<() => void>();

/** Hands on what was typed a moment ago, in whichever field: before it is saved or run. */
export function flushDrafts(): void {
  for (const flush of [...waitingAnywhere]) flush();
}

export interface Draft<Value> {
  readonly value: Value;
  readonly change: (value: Value) => void;
  /** Hands on what waits; called when the field is left. */
  readonly flush: () => void;
}

export function useDraft<Value>(value: Value, commit: (value: Value) => void): Draft<Value> {
  const { drafts } = useForm();
  const [draft, setDraft] = useState(value);
  const waiting = useRef<{ value: Value; timer: ReturnType<typeof setTimeout> } | null>(null);
  const committing = useRef(commit);
  committing.current = commit;

  const flush = useCallback(() => {
    const last = waiting.current;
    if (last === null) return;
    clearTimeout(last.timer);
    waiting.current = null;
    drafts.delete(flush);
    waitingAnywhere.delete(flush);
    committing.current(last.value);
  }, [drafts]);

  const change = useCallback(
    (next: Value) => {
      setDraft(next);
      if (waiting.current) clearTimeout(waiting.current.timer);
      waiting.current = { value: next, timer: setTimeout(flush, DELAY) };
      drafts.add(flush);
      waitingAnywhere.add(flush);
    },
    [flush, drafts],
  );

  useEffect(() => {
    if (waiting.current === null) setDraft(value);
  }, [value]);
  useEffect(() => flush, [flush]);

  return { value: draft, change, flush };
}
