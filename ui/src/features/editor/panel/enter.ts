/** The focus into the panel: to the first field, or to what there is instead. */
import { COMING } from "@/shared/code/code-editor";

const FIELDS =
  'input:not([type="hidden"]):not(:disabled), textarea:not(:disabled), .cm-content, [role="combobox"]';
const REST = 'button:not(:disabled), [role="tab"]';
const FRAMES = 20;

/**
 * Fields may only be drawn with what is loaded for them: where none is to be seen they are waited for, for a few frames,
 * and one that stands there already but is still loading for as long as the focus goes nowhere else.
 */
export function enterPanel(from = document.activeElement, tries = FRAMES): void {
  if (document.activeElement !== from && document.activeElement !== document.body) return;
  const panel = document.querySelector<HTMLElement>("aside[data-panel]");
  const part = panel?.querySelector('[role="tabpanel"]') ?? panel;
  const field = part?.querySelector<HTMLElement>(`${FIELDS}, ${COMING}`);
  if (field?.matches(COMING)) requestAnimationFrame(() => enterPanel(from, tries));
  else if (field) field.focus();
  else if (tries > 0) requestAnimationFrame(() => enterPanel(from, tries - 1));
  else (part?.querySelector<HTMLElement>(REST) ?? panel)?.focus();
}
