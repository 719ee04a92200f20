/** What one can do on the canvas, each as one change of the workflow. Mouse, keyboard and menus all come here. */
import { notifications } from "@mantine/notifications";
import { canConnect } from "@/graph/can-connect";
import { addGroup, addNote, newGroup, newNote, ungroup } from "@/graph/commands/annotations";
import { copy, duplicate, paste, readClip } from "@/graph/commands/clipboard";
import { connect, disconnect, reconnect, removeAndBridge } from "@/graph/commands/connections";
import { removeSelection, setDisabled } from "@/graph/commands/nodes";
import type { End } from "@/graph/connections";
import { snapped } from "@/graph/geometry";
import type { NodeType } from "@/graph/node-type";
import { type Selection, selectionOf } from "@/graph/selection";
import type { Position } from "@/graph/workflow";
import type { EditorStore } from "../store";
import { remember } from "./palette/remembered";
import { type Intent, placeStep } from "./placing";

/** Adds a step and selects it. Gives its id. */
export function addStep(store: EditorStore, type: NodeType, intent: Intent): string | null {
  const { history, nodeTypes, readOnly, change, select } = store.getState();
  if (readOnly) return null;
  const placed = placeStep(history.present, nodeTypes, type, intent);
  change({ label: `Add ${type.title}`, apply: () => placed.workflow });
  select(selectionOf({ nodes: [placed.id] }));
  remember(type.type);
  return placed.id;
}

/** Connects, or says why that cannot be. */
export function connectSteps(store: EditorStore, from: End, to: End): boolean {
  const { history, nodeTypes, change } = store.getState();
  const verdict = canConnect(history.present, nodeTypes, from, to);
  if (verdict.ok) change({ label: "Connect", apply: connect(from, to) });
  else refuse(verdict.reason);
  return verdict.ok;
}

export function refuse(reason: string): void {
  notifications.show({ id: "canvas-refusal", message: reason, color: "yellow", autoClose: 6000 });
}

export function reconnectTo(store: EditorStore, id: string, from: End, to: End): void {
  const { history, nodeTypes, change } = store.getState();
  const verdict = canConnect(history.present, nodeTypes, from, to, id);
  if (verdict.ok) change({ label: "Reconnect", apply: reconnect(id, from, to) });
  else refuse(verdict.reason);
}

export function removeConnection(store: EditorStore, id: string): void {
  store.getState().change({ label: "Disconnect", apply: disconnect(new Set([id])) });
}

export function removeSelected(store: EditorStore): void {
  const { selection, change, select } = store.getState();
  const count = selection.nodes.size + selection.annotations.size + selection.connections.size;
  if (count === 0) return;
  change({ label: count === 1 ? "Delete" : `Delete ${count}`, apply: removeSelection(selection) });
  select({});
}

/** Takes a step away and connects what was before it with what came after. */
export function removeAndClose(store: EditorStore, id: string): void {
  const { change, select } = store.getState();
  change({ label: "Delete and close the gap", apply: removeAndBridge(id) });
  select({});
}

export function duplicateSelected(store: EditorStore): void {
  const { history, selection, nodeTypes, change, select } = store.getState();
  const copied = duplicate(history.present, selection, nodeTypes);
  if (copied === null) return;
  change({ label: "Duplicate", apply: () => copied.workflow });
  select(copied.selection);
}

export function copiedText(store: EditorStore): string | null {
  const { history, selection } = store.getState();
  const clip = copy(history.present, selection);
  return clip === null ? null : JSON.stringify(clip, null, 2);
}

/** Whether it was something that can be in a workflow. */
export function pasteText(store: EditorStore, text: string, at: Position | null): boolean {
  const clip = readClip(text);
  if (clip === null) return false;
  const { history, nodeTypes, change, select } = store.getState();
  const pasted = paste(history.present, clip, nodeTypes, at && snapped(at));
  change({ label: "Paste", apply: () => pasted.workflow });
  select(pasted.selection);
  return true;
}

/** Disables the selected steps; enables them when all are disabled. */
export function toggleDisabled(store: EditorStore, ids: ReadonlySet<string>): void {
  const { history, change } = store.getState();
  const chosen = history.present.nodes.filter((node) => ids.has(node.id));
  if (chosen.length === 0) return;
  const disable = chosen.some((node) => !node.disabled);
  change({ label: disable ? "Disable" : "Enable", apply: setDisabled(ids, disable) });
}

export function groupSelected(store: EditorStore): void {
  const { history, selection, nodeTypes, change, select } = store.getState();
  const group = newGroup(history.present, selection, nodeTypes);
  if (group === null) return;
  change({ label: "Group", apply: addGroup(group) });
  select(selectionOf({ annotations: [group.id] }));
}

export function ungroupOne(store: EditorStore, id: string): void {
  store.getState().change({ label: "Ungroup", apply: ungroup(new Set([id])) });
}

export function addNoteAt(store: EditorStore, position: Position): void {
  const { history, change, select } = store.getState();
  const note = newNote(history.present, snapped(position));
  change({ label: "Add a note", apply: addNote(note) });
  select(selectionOf({ annotations: [note.id] }));
  store.getState().canvas?.write(note.id);
}

export function selectAll(store: EditorStore): void {
  const { history, select } = store.getState();
  const { nodes, annotations } = history.present;
  const drawn = [...(annotations?.notes ?? []), ...(annotations?.groups ?? [])];
  select(selectionOf({ nodes: nodes.map((node) => node.id), annotations: drawn.map((one) => one.id) }));
}

export function isChosen(selection: Selection): boolean {
  return selection.nodes.size + selection.annotations.size > 0;
}
