/** Bringing a step into view, and the focus to it. */
import type { EditorStore } from "../store";

export function stepElement(id: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-canvas] [data-step="${CSS.escape(id)}"]`);
}

export function annotationElement(id: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-canvas] [data-annotation="${CSS.escape(id)}"]`);
}

/** The focus to the drawing: to the step, if there is one to go to. */
export function focusCanvas(id?: string): void {
  const canvas = document.querySelector<HTMLElement>("[data-canvas]");
  const element = id === undefined ? null : stepElement(id);
  (element ?? canvas)?.focus({ preventScroll: true });
}

/** The step may only be drawn once it is in view: the focus follows it for a few frames. */
export function focusStep(id: string, tries = 12): void {
  const element = stepElement(id);
  if (element !== null) element.focus({ preventScroll: true });
  else if (tries > 0) requestAnimationFrame(() => focusStep(id, tries - 1));
}

/** Moves the view no further than it takes to see the step. The focus goes first: the next key may come at once. */
export function showStep(store: EditorStore, id: string): void {
  stepElement(id)?.focus({ preventScroll: true });
  requestAnimationFrame(() => {
    store.getState().canvas?.follow(id);
    focusStep(id);
  });
}
