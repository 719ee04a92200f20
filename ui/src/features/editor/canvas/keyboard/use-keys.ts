/** The keys of the canvas. Those of the whole page, such as undo, are the page's. */
import type { KeyboardEvent } from "react";
import { useCallback } from "react";
import { moveSelection } from "@/graph/commands/annotations";
import { GRID } from "@/graph/geometry";
import { selectionOf } from "@/graph/selection";
import { structure as structureOf } from "@/graph/structure";
import { connectionsText, nodeText } from "@/shared/graph-view/describe";
import { type EditorStore, useEditorStore } from "../../store";
import { freePort } from "../beside";
import { type CanvasStore, useCanvasStore } from "../canvas-state";
import {
  duplicateSelected,
  groupSelected,
  isChosen,
  removeSelected,
  selectAll,
  toggleDisabled,
} from "../editing";
import { isTyping } from "../hits";
import { showStep, stepElement } from "../show-step";
import { type Direction, stepInOrder, stepTowards, walkingOrder } from "../walk";

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

const MOVES: Readonly<Record<Direction, { x: number; y: number }>> = {
  left: { x: -GRID, y: 0 },
  right: { x: GRID, y: 0 },
  up: { x: 0, y: -GRID },
  down: { x: 0, y: GRID },
};

/** The step that has the focus, else the one that is selected. */
function currentStep(store: EditorStore): string | null {
  const focused = document.activeElement?.getAttribute("data-step");
  if (focused) return focused;
  const [selected] = store.getState().selection.nodes;
  return selected ?? null;
}

export function useKeys() {
  const store = useEditorStore();
  const canvas = useCanvasStore();
  return useCallback(
    (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.defaultPrevented) return;
      if (act(store, canvas, event)) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    [store, canvas],
  );
}

/** Whether the key meant something. */
function act(store: EditorStore, canvas: CanvasStore, event: KeyboardEvent): boolean {
  const onStep = document.activeElement?.hasAttribute("data-step") ?? false;
  const onCanvas = document.activeElement?.hasAttribute("data-canvas") ?? false;
  if (!onStep && !onCanvas) return false;
  if (event.key === "Tab") return walkOn(store, canvas, event.shiftKey ? -1 : 1, onStep);
  const direction = ARROWS[event.key];
  if (direction) return arrow(store, canvas, direction, event);
  return event.ctrlKey || event.metaKey ? withControl(store, event) : plain(store, canvas, event);
}

function withControl(store: EditorStore, event: KeyboardEvent): boolean {
  const action = { a: selectAll, d: duplicateSelected, g: groupSelected }[event.key.toLowerCase()];
  if (action === undefined || event.shiftKey || event.altKey) return false;
  action(store);
  return true;
}

function plain(store: EditorStore, canvas: CanvasStore, event: KeyboardEvent): boolean {
  if (event.altKey) return false;
  const { selection, readOnly } = store.getState();
  const id = currentStep(store);
  switch (event.key) {
    case "Enter":
      if (id === null) return false;
      store.getState().show(id);
      return true;
    case " ":
      if (id === null) return false;
      toggleSelected(store, id);
      return true;
    case "Escape":
      store.getState().select({});
      return true;
    case "Delete":
    case "Backspace":
      removeSelected(store);
      return isChosen(selection) || selection.connections.size > 0;
    case "d":
      toggleDisabled(store, selection.nodes);
      return selection.nodes.size > 0;
    case "c":
      if (id === null || readOnly) return false;
      canvas.setState({ connecting: id });
      return true;
    case "n":
      return !readOnly && openPalette(store, canvas, id);
    case "ContextMenu":
      return id !== null && openMenu(store, canvas, id);
    case "F10":
      return event.shiftKey && id !== null && openMenu(store, canvas, id);
    default:
      return false;
  }
}

function toggleSelected(store: EditorStore, id: string): void {
  const { selection, select } = store.getState();
  const nodes = new Set(selection.nodes);
  if (!nodes.delete(id)) nodes.add(id);
  select({ ...selection, nodes });
}

function arrow(store: EditorStore, canvas: CanvasStore, direction: Direction, event: KeyboardEvent): boolean {
  if (event.altKey || event.metaKey) return false;
  if (event.shiftKey) return nudge(store, direction, event.ctrlKey ? 5 : 1);
  if (event.ctrlKey) return false;
  const { history, nodeTypes } = store.getState();
  const id = currentStep(store);
  if (id === null) return walkOn(store, canvas, 1, false);
  const workflow = history.present;
  const next = stepTowards(workflow, nodeTypes, structureOf(workflow, nodeTypes), id, direction);
  if (next !== null) goTo(store, canvas, next);
  else canvas.setState({ announcement: `There is no step ${WHERE[direction]}.` });
  return true;
}

const WHERE: Readonly<Record<Direction, string>> = {
  left: "before this one",
  right: "after this one",
  up: "above",
  down: "below",
};

function nudge(store: EditorStore, direction: Direction, steps: number): boolean {
  const { selection, nodeTypes, change } = store.getState();
  if (!isChosen(selection)) return false;
  const { x, y } = MOVES[direction];
  const key = `nudge ${[...selection.nodes, ...selection.annotations].join(" ")}`;
  change({ label: "Move", apply: moveSelection(selection, { x: x * steps, y: y * steps }, nodeTypes), key });
  return true;
}

/** To the next step in order. After the last one, Tab leaves the canvas. */
function walkOn(store: EditorStore, canvas: CanvasStore, by: 1 | -1, onStep: boolean): boolean {
  const { history, nodeTypes } = store.getState();
  const workflow = history.present;
  if (!onStep && by === -1) return false;
  const order = walkingOrder(workflow, structureOf(workflow, nodeTypes));
  const from = onStep ? currentStep(store) : null;
  const selected = onStep ? null : currentStep(store);
  const next = selected ?? stepInOrder(order, from, by);
  if (next === null) return false;
  goTo(store, canvas, next);
  return true;
}

function goTo(store: EditorStore, canvas: CanvasStore, id: string): void {
  const { history, nodeTypes, select, runStates } = store.getState();
  select(selectionOf({ nodes: [id] }));
  showStep(store, id);
  const workflow = history.present;
  const node = workflow.nodes.find((one) => one.id === id);
  if (node === undefined) return;
  const words = nodeText(node, nodeTypes.get(node.type), runStates.get(id), undefined);
  const around = connectionsText(workflow, nodeTypes, structureOf(workflow, nodeTypes), id);
  canvas.setState({ announcement: `${words}. ${around}` });
}

function openPalette(store: EditorStore, canvas: CanvasStore, id: string | null): boolean {
  const { history, nodeTypes, canvas: view } = store.getState();
  const node = history.present.nodes.find((one) => one.id === id);
  const port = node ? freePort(history.present, node, nodeTypes) : null;
  const box = (id === null ? null : stepElement(id))?.getBoundingClientRect();
  const frame = document.querySelector("[data-canvas]")?.getBoundingClientRect();
  const at = box
    ? { x: box.right + 16, y: box.top }
    : { x: (frame?.left ?? 0) + (frame?.width ?? 0) / 2 - 160, y: (frame?.top ?? 0) + 80 };
  const intent =
    node && port
      ? ({ kind: "after", end: { node: node.id, port } } as const)
      : ({ kind: "free", position: view?.place() ?? { x: 0, y: 0 } } as const);
  canvas.setState({ adding: { at, intent } });
  return true;
}

function openMenu(store: EditorStore, canvas: CanvasStore, id: string): boolean {
  const box = stepElement(id)?.getBoundingClientRect();
  if (box === undefined) return false;
  if (!store.getState().selection.nodes.has(id)) store.getState().select(selectionOf({ nodes: [id] }));
  canvas.setState({ menu: { at: { x: box.left + 24, y: box.bottom - 8 }, subject: { kind: "step", id } } });
  return true;
}
