/** What the keyboard goes to on the canvas: steps, and after them notes and groups. */
import { type Selection, selectionOf } from "@/graph/selection";
import { structure as structureOf } from "@/graph/structure";
import type { Workflow } from "@/graph/workflow";
import { annotationElementId } from "@/shared/graph-view/elements";
import type { EditorState, EditorStore } from "../../store";
import { annotationElement, showStep, stepElement } from "../show-step";
import { walkingOrder } from "../walk";

export interface Spot {
  readonly kind: "step" | "annotation";
  readonly id: string;
}

export function elementOf({ kind, id }: Spot): HTMLElement | null {
  return kind === "step" ? stepElement(id) : annotationElement(id);
}

export function focusedSpot(): Spot | null {
  const active = document.activeElement;
  const step = active?.getAttribute("data-step");
  if (step) return { kind: "step", id: step };
  const annotation = active?.getAttribute("data-annotation");
  return annotation ? { kind: "annotation", id: annotation } : null;
}

/** The one that has the focus, else the first that is selected. */
export function currentSpot({ selection }: EditorState): Spot | null {
  const [step] = selection.nodes;
  const [annotation] = selection.annotations;
  const chosen =
    step !== undefined
      ? ({ kind: "step", id: step } as const)
      : annotation !== undefined && ({ kind: "annotation", id: annotation } as const);
  return focusedSpot() ?? (chosen || null);
}

/** All of them, in the order in which Tab goes through them. */
export function spotsOf({ history, nodeTypes }: EditorState): readonly Spot[] {
  const workflow = history.present;
  const { notes = [], groups = [] } = workflow.annotations ?? {};
  return [
    ...walkingOrder(workflow, structureOf(workflow, nodeTypes)).map((id) => ({ kind: "step", id }) as const),
    ...[...notes, ...groups].map(({ id }) => ({ kind: "annotation", id }) as const),
  ];
}

export function nextSpot(spots: readonly Spot[], from: Spot | null, by: 1 | -1): Spot | null {
  if (from === null) return (by === 1 ? spots[0] : spots.at(-1)) ?? null;
  const place = spots.findIndex(({ kind, id }) => kind === from.kind && id === from.id);
  return place === -1 ? null : (spots[place + by] ?? null);
}

export function selectionAt({ kind, id }: Spot): Selection {
  return selectionOf(kind === "step" ? { nodes: [id] } : { annotations: [id] });
}

/** Brings it into view, and the focus to it. */
export function showSpot(store: EditorStore, spot: Spot): void {
  if (spot.kind === "step") {
    showStep(store, spot.id);
    return;
  }
  elementOf(spot)?.focus({ preventScroll: true });
  requestAnimationFrame(() => {
    if (elementOf(spot) === null) store.getState().canvas?.center([annotationElementId(spot.id)]);
    requestAnimationFrame(() => elementOf(spot)?.focus());
  });
}

/** Where to go when what is selected goes away: to what comes after it, or before it. */
export function heirOf(state: EditorState): Spot | null {
  const { nodes, annotations } = state.selection;
  const goes = ({ kind, id }: Spot) => (kind === "step" ? nodes : annotations).has(id);
  const spots = spotsOf(state);
  const first = spots.findIndex(goes);
  if (first === -1) return null;
  const before = spots.slice(0, first).reverse();
  return spots.slice(first).find((spot) => !goes(spot)) ?? before[0] ?? null;
}

/** What an annotation says, for those who hear it. */
export function annotationText(workflow: Workflow, id: string): string {
  const { notes = [], groups = [] } = workflow.annotations ?? {};
  const note = notes.find((one) => one.id === id);
  if (note) return `Note: ${note.text || "empty"}.`;
  const group = groups.find((one) => one.id === id);
  return `Group: ${group?.title || "without a title"}.`;
}
