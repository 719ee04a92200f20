/** What was typed into fields that do nothing as things are chosen: it comes back with the choice, until the editor is left. */
import type { Json } from "@/graph/workflow";
import type { EditorStore } from "../store";

const kept = new WeakMap<EditorStore, Map<string, Map<string, Json>>>();

export function asideOf(store: EditorStore, nodeId: string): Map<string, Json> {
  const nodes = kept.get(store) ?? new Map<string, Map<string, Json>>();
  kept.set(store, nodes);
  const own = nodes.get(nodeId) ?? new Map<string, Json>();
  nodes.set(nodeId, own);
  return own;
}
