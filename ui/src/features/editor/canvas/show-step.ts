/** Bringing a step into view, and the focus to it. */
import type { EditorStore } from "../store";

export function stepElement(id: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-canvas] [data-step="${CSS.escape(id)}"]`);
}

/** The step may only be drawn once it is in view: the focus follows it for a few frames. */
export function focusStep(id: string, tries = 12): void {
  const element = stepElement(id);
  if (element !== null) element.focus({ preventScroll: true });
  else if (tries > 0) requestAnimationFrame(() => focusStep(id, tries - 1));
}

/** Moves the view only when the step is not seen whole. */
export function showStep(store: EditorStore, id: string): void {
  requestAnimationFrame(() => {
    if (!isSeen(id)) store.getState().canvas?.center([id]);
    focusStep(id);
  });
}

function isSeen(id: string): boolean {
  const box = stepElement(id)?.getBoundingClientRect();
  const frame = document.querySelector("[data-canvas]")?.getBoundingClientRect();
  if (!box || !frame) return false;
  return (
    box.left >= frame.left && box.top >= frame.top && box.right <= frame.right && box.bottom <= frame.bottom
  );
}
