/** A step on its way from the palette to the canvas. */
import type { DragEvent } from "react";

const FORMAT = "application/x-wingbeat-step";

export function carryStep(event: DragEvent, type: string): void {
  event.dataTransfer.setData(FORMAT, type);
  event.dataTransfer.effectAllowed = "copy";
}

/** Whether it is a step that is dragged; which one is only told when it is dropped. */
export function carriesStep(event: DragEvent): boolean {
  return event.dataTransfer.types.includes(FORMAT);
}

export function carriedStep(event: DragEvent): string {
  return event.dataTransfer.getData(FORMAT);
}
