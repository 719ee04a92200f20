import { useBlocker } from "@tanstack/react-router";
import { isDirty, useEditorStore } from "./store";

/**
 * Asks before somebody leaves with what is not saved. Between the pages of this workflow nobody is asked: it is kept, and
 * back when they are.
 */
export function useLeaving() {
  const store = useEditorStore();
  return useBlocker({
    shouldBlockFn: ({ current, next }) => {
      const { workflowId } = store.getState();
      const stays = next.pathname.startsWith(`/workflows/${workflowId}`);
      return isDirty(store.getState()) && !stays && current.pathname !== next.pathname;
    },
    enableBeforeUnload: () => isDirty(store.getState()),
    withResolver: true,
  });
}
