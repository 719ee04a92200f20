/** The keys of the canvas. Those of the whole page, such as undo, are the page's. */
import type { KeyboardEvent } from "react";
import { useCallback } from "react";
import { moveSelection } from "@/graph/commands/annotations";
import { GRID } from "@/graph/geometry";
import { structure as structureOf } from "@/graph/structure";
import { connectionsText, nodeText } from "@/shared/graph-view/describe";
import { type DrawingStore, useDrawingStore } from "@/shared/graph-view/drawing";
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
import { focusCanvas, stepElement } from "../show-step";
import { type Direction, stepTowards } from "../walk";
import {
  annotationText,
  currentSpot,
  elementOf,
  focusedSpot,
  heirOf,
  nextSpot,
  type Spot,
  selectionAt,
  showSpot,
  spotsOf,
} from "./spots";

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

export function useKeys() {
  const store = useEditorStore();
  const canvas = useCanvasStore();
  const drawing = useDrawingStore();
  return useCallback(
    (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.defaultPrevented) return;
      if (act({ store, canvas, drawing }, event)) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    [store, canvas, drawing],
  );
}

interface Sheet {
  readonly store: EditorStore;
  readonly canvas: CanvasStore;
  readonly drawing: DrawingStore;
}

/** Whether the key meant something. */
function act(sheet: Sheet, event: KeyboardEvent): boolean {
  const onSpot = focusedSpot() !== null;
  if (!onSpot && !document.activeElement?.hasAttribute("data-canvas")) return false;
  if (event.key === "Tab") return walkOn(sheet, event.shiftKey ? -1 : 1, onSpot);
  const direction = ARROWS[event.key];
  if (direction) return arrow(sheet, direction, event);
  return event.ctrlKey || event.metaKey ? withControl(sheet.store, event) : plain(sheet, event);
}

function withControl(store: EditorStore, event: KeyboardEvent): boolean {
  const action = { a: selectAll, d: duplicateSelected, g: groupSelected }[event.key.toLowerCase()];
  if (action === undefined || event.shiftKey || event.altKey) return false;
  action(store);
  return true;
}

function plain(sheet: Sheet, event: KeyboardEvent): boolean {
  if (event.altKey) return false;
  const { store, canvas } = sheet;
  const { selection, readOnly } = store.getState();
  const spot = currentSpot(store.getState());
  const step = spot?.kind === "step" ? spot.id : null;
  switch (event.key) {
    case "Enter":
      return spot !== null && open(sheet, spot);
    case " ":
      return spot !== null && toggleSelected(sheet, spot);
    case "Escape":
      store.getState().select({});
      return true;
    case "Delete":
    case "Backspace":
      return remove(sheet);
    case "d":
      toggleDisabled(store, selection.nodes);
      return selection.nodes.size > 0;
    case "c":
      if (step === null || readOnly) return false;
      canvas.setState({ connecting: step });
      return true;
    case "n":
      return !readOnly && openPalette(store, canvas, step);
    case "ContextMenu":
      return spot !== null && openMenu(store, canvas, spot);
    case "F10":
      return event.shiftKey && spot !== null && openMenu(store, canvas, spot);
    default:
      return false;
  }
}

/** To the parameters of a step, or to the words of a note or a group. */
function open({ store, drawing }: Sheet, { kind, id }: Spot): boolean {
  if (kind === "step") store.getState().enter(id);
  else if (!store.getState().readOnly) drawing.setState({ writing: id });
  return true;
}

function remove({ store, canvas }: Sheet): boolean {
  const state = store.getState();
  const { selection, readOnly } = state;
  if (readOnly || (!isChosen(selection) && selection.connections.size === 0)) return false;
  const heir = isChosen(selection) ? heirOf(state) : focusedSpot();
  removeSelected(store);
  if (heir === null) focusCanvas();
  else goTo({ store, canvas }, heir);
  return true;
}

function toggleSelected({ store, canvas }: Sheet, { kind, id }: Spot): boolean {
  const { selection, select } = store.getState();
  const chosen = new Set(kind === "step" ? selection.nodes : selection.annotations);
  const isOn = !chosen.delete(id);
  if (isOn) chosen.add(id);
  select({ ...selection, [kind === "step" ? "nodes" : "annotations"]: chosen });
  const { nodes, annotations } = store.getState().selection;
  const count = nodes.size + annotations.size;
  canvas.setState({ announcement: `${isOn ? "Selected" : "Not selected"}. ${count} selected.` });
  return true;
}

function arrow(sheet: Sheet, direction: Direction, event: KeyboardEvent): boolean {
  if (event.altKey || event.metaKey) return false;
  const { store, canvas } = sheet;
  if (event.shiftKey) return nudge(store, direction, event.ctrlKey ? 5 : 1);
  const { history, nodeTypes } = store.getState();
  const spot = currentSpot(store.getState());
  if (spot === null) return walkOn(sheet, 1, false);
  const workflow = history.present;
  const next =
    spot.kind === "step"
      ? stepTowards(workflow, nodeTypes, structureOf(workflow, nodeTypes), spot.id, direction)
      : null;
  if (next !== null) goTo(sheet, { kind: "step", id: next }, event.ctrlKey);
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

/** To the next one in order. After the last one, Tab leaves the canvas. */
function walkOn(sheet: Sheet, by: 1 | -1, onSpot: boolean): boolean {
  const state = sheet.store.getState();
  if (!onSpot && by === -1) return false;
  const selected = onSpot ? null : currentSpot(state);
  const next = selected ?? nextSpot(spotsOf(state), onSpot ? focusedSpot() : null, by);
  if (next === null) return false;
  goTo(sheet, next);
  return true;
}

/** The focus goes there; what is selected stays so with `keeps`. */
function goTo({ store, canvas }: Omit<Sheet, "drawing">, spot: Spot, keeps = false): void {
  if (!keeps) store.getState().select(selectionAt(spot));
  showSpot(store, spot);
  canvas.setState({ announcement: wordsOf(store, spot) });
}

function wordsOf(store: EditorStore, { kind, id }: Spot): string {
  const { history, nodeTypes, runStates } = store.getState();
  const workflow = history.present;
  if (kind === "annotation") return annotationText(workflow, id);
  const node = workflow.nodes.find((one) => one.id === id);
  if (node === undefined) return "";
  const words = nodeText(node, nodeTypes.get(node.type), runStates.get(id), undefined);
  return `${words}. ${connectionsText(workflow, nodeTypes, structureOf(workflow, nodeTypes), id)}`;
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

function openMenu(store: EditorStore, canvas: CanvasStore, spot: Spot): boolean {
  const box = elementOf(spot)?.getBoundingClientRect();
  if (box === undefined) return false;
  const { selection, select } = store.getState();
  const isIn = (spot.kind === "step" ? selection.nodes : selection.annotations).has(spot.id);
  if (!isIn) select(selectionAt(spot));
  canvas.setState({ menu: { at: { x: box.left + 24, y: box.bottom - 8 }, subject: spot } });
  return true;
}
