/** The focus into the panel: to the first field, or to what there is instead. */
const FIELDS =
  'input:not([type="hidden"]):not(:disabled), textarea:not(:disabled), .cm-content, [role="combobox"]';
const REST = 'button:not(:disabled), [role="tab"]';

/** Fields may only be drawn with what is loaded for them: they are waited for, for a few frames. */
export function enterPanel(tries = 20): void {
  const panel = document.querySelector<HTMLElement>("aside[data-panel]");
  const part = panel?.querySelector('[role="tabpanel"]') ?? panel;
  const field = part?.querySelector<HTMLElement>(FIELDS);
  if (field) field.focus();
  else if (tries > 0) requestAnimationFrame(() => enterPanel(tries - 1));
  else (part?.querySelector<HTMLElement>(REST) ?? panel)?.focus();
}
