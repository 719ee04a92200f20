/** Which lines of a list are selected. What is not shown any more is not selected any more. */
import { useMemo, useState } from "react";

export interface Selection {
  readonly ids: readonly string[];
  has(id: string): boolean;
  toggle(id: string): void;
  setAll(ids: readonly string[]): void;
}

export function useSelection(shown: readonly string[]): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  return useMemo(() => {
    const ids = shown.filter((id) => chosen.has(id));
    const toggled = (id: string) => (chosen.has(id) ? ids.filter((one) => one !== id) : [...ids, id]);
    return {
      ids,
      has: (id) => chosen.has(id),
      toggle: (id) => setChosen(new Set(toggled(id))),
      setAll: (all) => setChosen(new Set(all)),
    };
  }, [shown, chosen]);
}
