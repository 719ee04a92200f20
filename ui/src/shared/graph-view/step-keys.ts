/** Keys in a workflow to look at: arrows go from step to step as they are seen, Enter looks at one closer. */
import type { KeyboardEvent } from "react";

const WAYS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export function stepKeys(onSelect: (node: string | null) => void) {
  return (event: KeyboardEvent<HTMLElement>) => {
    const { key, target, currentTarget } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || !(target instanceof HTMLElement)) return;
    const here = target.closest<HTMLElement>("[data-step]");
    if (here === null && target !== currentTarget) return;
    if ((key === "Enter" || key === " ") && here !== null) onSelect(here.dataset.step ?? null);
    else if (key in WAYS) next(stepsOf(currentTarget), here, WAYS[key] ?? 1)?.focus();
    else return;
    event.preventDefault();
  };
}

function next(steps: readonly HTMLElement[], here: HTMLElement | null, way: number): HTMLElement | undefined {
  return steps[here === null ? 0 : Math.min(Math.max(steps.indexOf(here) + way, 0), steps.length - 1)];
}

/** From left to right, and from the top down where they are one below the other. */
function stepsOf(frame: HTMLElement): readonly HTMLElement[] {
  const placed = [...frame.querySelectorAll<HTMLElement>("[data-step]")].map((step) => {
    const { left, top } = step.getBoundingClientRect();
    return { step, left: Math.round(left), top };
  });
  return placed.sort((one, other) => one.left - other.left || one.top - other.top).map(({ step }) => step);
}
