/** What of the drawing lies at a place on the screen. */
import type { Point } from "./canvas-state";

interface Pointed {
  readonly clientX: number;
  readonly clientY: number;
}

export function pointOf(event: MouseEvent | TouchEvent | Pointed): Point {
  if ("changedTouches" in event) {
    const touch = event.changedTouches[0];
    return { x: touch?.clientX ?? 0, y: touch?.clientY ?? 0 };
  }
  return { x: event.clientX, y: event.clientY };
}

/** The id of the connection there, by whatever lies above it. */
export function connectionAt(event: MouseEvent | TouchEvent | Pointed): string | null {
  return idAt(pointOf(event), ".react-flow__edge");
}

export function stepAt(event: MouseEvent | TouchEvent | Pointed): string | null {
  return idAt(pointOf(event), ".react-flow__node-step");
}

function idAt({ x, y }: Point, selector: string): string | null {
  for (const element of document.elementsFromPoint(x, y)) {
    const found = element.closest(selector);
    if (found !== null) return found.getAttribute("data-id");
  }
  return null;
}

/** Whether keys are meant for a field, a list or a dialog, and not for the drawing. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.closest("input, textarea, select, [role=dialog], [role=menu]") !== null)
  );
}
