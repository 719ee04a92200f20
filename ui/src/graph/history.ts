/** Undo and redo without end. Values share what did not change, so keeping all of them is cheap. */
export interface History<Value> {
  readonly past: Chain<Value> | null;
  readonly present: Value;
  readonly future: Chain<Value> | null;
}

interface Chain<Value> {
  readonly value: Value;
  /** What the change from this value did, as "Move 3 nodes". */
  readonly label: string;
  /** Changes with one key that follow each other are one step, as keystrokes in one field. */
  readonly key: string | null;
  readonly rest: Chain<Value> | null;
}

export function begin<Value>(present: Value): History<Value> {
  return { past: null, present, future: null };
}

/** The history with a new present. What could be redone is gone. */
export function record<Value>(
  history: History<Value>,
  present: Value,
  label: string,
  key: string | null = null,
): History<Value> {
  if (present === history.present) return history;
  if (key !== null && history.past?.key === key) return { past: history.past, present, future: null };
  return { past: { value: history.present, label, key, rest: history.past }, present, future: null };
}

export function undo<Value>({ past, present, future }: History<Value>): History<Value> {
  if (past === null) return { past, present, future };
  return {
    past: past.rest,
    present: past.value,
    future: { value: present, label: past.label, key: null, rest: future },
  };
}

export function redo<Value>({ past, present, future }: History<Value>): History<Value> {
  if (future === null) return { past, present, future };
  return {
    past: { value: present, label: future.label, key: null, rest: past },
    present: future.value,
    future: future.rest,
  };
}
