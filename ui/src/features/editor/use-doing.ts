/** Tells others who have the workflow open what is done here: at which step somebody is, and whether all is saved. */
import { useEffect } from "react";
import { tellDoing } from "@/shared/live/presence";
import { type EditorState, isDirty, useEditorStore } from "./store";

export function useDoing(): void {
  const store = useEditorStore();
  useEffect(() => {
    const tell = (state: EditorState) => tellDoing({ editing: isDirty(state), node: nodeAt(state) });
    tell(store.getState());
    const stop = store.subscribe(tell);
    return () => {
      stop();
      tellDoing({ editing: false, node: null });
    };
  }, [store]);
}

/** The one step that is selected; whoever only looks on is at none. */
function nodeAt({ readOnly, selection: { nodes } }: EditorState): string | null {
  const [first] = nodes;
  return !readOnly && nodes.size === 1 ? (first ?? null) : null;
}
