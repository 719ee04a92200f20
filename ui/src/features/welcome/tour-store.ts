/** Where somebody is in the tour, and whether they have had it: kept in this browser, for each person. */
import { create } from "zustand";

const KEY = "wingbeat-tour";

interface Tour {
  /** The step that is shown, from 0; null while there is no tour. */
  step: number | null;
  start(): void;
  go(step: number): void;
  end(userId: number): void;
}

export const useTour = create<Tour>((set) => ({
  step: null,
  start: () => set({ step: 0 }),
  go: (step) => set({ step }),
  end: (userId) => {
    remember(userId);
    set({ step: null });
  },
}));

/** Whether this person has gone through the tour, or did not want it. */
export function hadTour(userId: number): boolean {
  try {
    return read().includes(userId);
  } catch {
    return false;
  }
}

function remember(userId: number): void {
  try {
    localStorage.setItem(KEY, JSON.stringify([...new Set([...read(), userId])]));
  } catch {
    // A browser that keeps nothing offers the tour again.
  }
}

function read(): number[] {
  const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
  return Array.isArray(kept) ? kept.filter((one) => typeof one === "number") : [];
}
