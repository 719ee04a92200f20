import { useEffect } from "react";
import { isPressed } from "./keys";
import { ACTIONS, type Action, type Desk } from "./table";

const FIELDS = "input, textarea, select, [contenteditable='true']";

/** Does what the keys of the table say, wherever the focus is on the page. */
export function useActionKeys(desk: Desk): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const action = ACTIONS.find((one) => isMeant(one, event));
      if (action === undefined || event.defaultPrevented || isBlocked(action, event)) return;
      // Also where it cannot be done now: the browser would do something else.
      event.preventDefault();
      if (action.isFor?.(desk.store.getState()) ?? true) action.run(desk);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [desk]);
}

function isMeant({ keys = [], onCanvas }: Action, event: KeyboardEvent): boolean {
  return !onCanvas && keys.some((one) => isPressed(one, event));
}

/** Whether the keys are somebody else's: those of a field, or of a dialog that is open. */
function isBlocked({ inFields }: Action, event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  if (!inFields && target?.closest(FIELDS)) return true;
  return target?.closest("[role='dialog']") != null && !inFields;
}
