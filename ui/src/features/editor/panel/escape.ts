import type { KeyboardEvent } from "react";

/** Escape that nothing within has used: no list that is open, no completion that is shown. */
export function isEscape(event: KeyboardEvent): boolean {
  if (event.key !== "Escape" || event.defaultPrevented) return false;
  const target = event.target as HTMLElement;
  return (
    target.getAttribute("aria-expanded") !== "true" &&
    target.closest('[role="listbox"],[role="menu"]') === null
  );
}
