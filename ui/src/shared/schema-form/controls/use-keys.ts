/** Keys for rows that have no identity of their own, which stay with them when they are moved. */
import { useRef, useState } from "react";
import { moved } from "../values";

export interface Rows {
  readonly keys: readonly number[];
  readonly move: (from: number, to: number) => void;
  readonly remove: (at: number) => void;
}

export function useKeys(length: number): Rows {
  const next = useRef(0);
  const [keys, setKeys] = useState<readonly number[]>([]);
  let shown = keys;
  if (keys.length !== length) {
    shown = keys.slice(0, length);
    while (shown.length < length) {
      shown = [...shown, next.current];
      next.current += 1;
    }
    setKeys(shown);
  }
  return {
    keys: shown,
    move: (from, to) => setKeys((before) => moved(before, from, to)),
    remove: (at) => setKeys((before) => before.filter((_, place) => place !== at)),
  };
}
