import type { KeyboardEvent } from "react";

const PANEL = '[data-panel], [role="dialog"]';
const FIELDS = 'input, textarea, [contenteditable="true"]';

/**
 * What Escape does where nothing within has used it, such as a list that is open or a completion that is shown: it leaves
 * the field that is being edited, and where none is, `close` is called.
 */
export function onEscape(event: KeyboardEvent<HTMLElement>, close: () => void): void {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  const target = event.target as HTMLElement;
  if (target.getAttribute("aria-expanded") === "true" || target.closest('[role="listbox"],[role="menu"]'))
    return;
  // Nobody else is to close something with the same key.
  event.stopPropagation();
  if (target.matches(FIELDS)) target.closest<HTMLElement>(PANEL)?.focus();
  else close();
}
