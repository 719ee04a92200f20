/** The parts of the page, from one to the next: whoever is on the canvas need not come by every step to leave it. */
import { focusCanvas } from "../canvas/show-step";
import { enterPanel } from "../panel/enter";
import type { EditorStore } from "../store";

const FIRST = 'a[href], button:not(:disabled), input:not(:disabled), [tabindex="0"]';

export function goToPart(store: EditorStore, by: 1 | -1): void {
  const parts = [...document.querySelectorAll<HTMLElement>("[data-part]")];
  const here = parts.findIndex((part) => part.contains(document.activeElement));
  const place = here === -1 && by === -1 ? 0 : here;
  const part = parts[(place + by + parts.length) % parts.length];
  if (part === undefined) return;
  if (part.matches("[data-canvas]")) focusCanvas([...store.getState().selection.nodes][0]);
  else if (part.matches("[data-panel]")) enterPanel();
  else (part.querySelector<HTMLElement>(FIRST) ?? part).focus();
}
