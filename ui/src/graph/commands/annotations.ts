/** Notes and groups: what is drawn beside the nodes for those who read. */
import {
  around,
  centerOf,
  contains,
  nodeRectangle,
  positionOf,
  type Rectangle,
  type Size,
} from "../geometry";
import type { NodeTypes } from "../node-type";
import type { Selection } from "../selection";
import type { Annotations, Group, Position, StickyNote, Workflow } from "../workflow";
import { annotationIds, freshId } from "./ids";
import { type Command, moveNodes } from "./nodes";

const PADDING = 32;
/** Above what is in a group, for its title. */
const HEADING = 40;

export function newNote(workflow: Workflow, position: Position): StickyNote {
  const id = freshId("note", annotationIds(workflow));
  return { id, text: "", position, width: 240, height: 160, color: "yellow" };
}

export const addNote =
  (note: StickyNote): Command =>
  (workflow) =>
    annotate(workflow, ({ notes = [], ...rest }) => ({ ...rest, notes: [...notes, note] }));

/** A group around what is selected; null when nothing is. */
export function newGroup(workflow: Workflow, selection: Selection, types: NodeTypes): Group | null {
  const nodes = workflow.nodes.filter((node) => selection.nodes.has(node.id));
  const { notes = [], groups = [] } = workflow.annotations ?? {};
  const others = [...notes, ...groups].filter((one) => selection.annotations.has(one.id));
  const box = around([
    ...nodes.map((node) => nodeRectangle(node, types)),
    ...others.map(annotationRectangle),
  ]);
  if (box === null) return null;
  return {
    id: freshId("group", annotationIds(workflow)),
    title: "",
    position: { x: box.x - PADDING, y: box.y - PADDING - HEADING },
    width: box.width + 2 * PADDING,
    height: box.height + 2 * PADDING + HEADING,
    color: "gray",
  };
}

export const addGroup =
  (group: Group): Command =>
  (workflow) =>
    annotate(workflow, ({ groups = [], ...rest }) => ({ ...rest, groups: [...groups, group] }));

/** Takes groups away; what is in them stays. */
export const ungroup =
  (ids: ReadonlySet<string>): Command =>
  (workflow) =>
    annotate(workflow, ({ groups = [], ...rest }) => ({
      ...rest,
      groups: groups.filter((group) => !ids.has(group.id)),
    }));

type Look = Partial<Omit<StickyNote, "id">> & Partial<Omit<Group, "id">>;

/** Changes the text, title, colour, place or size of a note or a group. */
export const setAnnotation =
  (id: string, look: Look): Command =>
  (workflow) =>
    annotate(workflow, ({ notes = [], groups = [] }) => ({
      notes: notes.map((note) => (note.id === id ? { ...note, ...look } : note)),
      groups: groups.map((group) => (group.id === id ? { ...group, ...look } : group)),
    }));

export const resize =
  (id: string, position: Position, { width, height }: Size): Command =>
  (workflow) =>
    setAnnotation(id, { position, width: Math.max(width, 80), height: Math.max(height, 48) })(workflow);

/** Moves notes and groups alone; see `moveSelection` for what moves along. */
export const moveAnnotations =
  (positions: ReadonlyMap<string, Position>): Command =>
  (workflow) => {
    const moved = <One extends StickyNote | Group>(one: One): One => {
      const position = positions.get(one.id);
      return position === undefined ? one : { ...one, position };
    };
    return annotate(workflow, ({ notes = [], groups = [] }) => ({
      notes: notes.map(moved),
      groups: groups.map(moved),
    }));
  };

/** What lies in a group: nodes, notes and smaller groups whose middle is within its frame. */
export function within(workflow: Workflow, group: Group, types: NodeTypes): Selection {
  const frame = annotationRectangle(group);
  const inside = (one: Rectangle) => contains(frame, centerOf(one));
  const { notes = [], groups = [] } = workflow.annotations ?? {};
  const smaller = groups.filter((one) => one.id !== group.id && area(one) < area(group));
  return {
    nodes: new Set(workflow.nodes.filter((node) => inside(nodeRectangle(node, types))).map(({ id }) => id)),
    connections: new Set(),
    annotations: new Set(
      [...notes, ...smaller].filter((one) => inside(annotationRectangle(one))).map(({ id }) => id),
    ),
  };
}

/** The selection, with all that lies in its groups. */
export function withContents(workflow: Workflow, selection: Selection, types: NodeTypes): Selection {
  const groups = (workflow.annotations?.groups ?? []).filter((group) => selection.annotations.has(group.id));
  const contents = groups.map((group) => within(workflow, group, types));
  return {
    nodes: new Set([...selection.nodes, ...contents.flatMap(({ nodes }) => [...nodes])]),
    connections: selection.connections,
    annotations: new Set([...selection.annotations, ...contents.flatMap((one) => [...one.annotations])]),
  };
}

/** Moves what is selected by so much, and what lies in its groups with it. */
export const moveSelection =
  (selection: Selection, by: Position, types: NodeTypes): Command =>
  (workflow) => {
    if (by.x === 0 && by.y === 0) return workflow;
    const { nodes, annotations } = withContents(workflow, selection, types);
    const { notes = [], groups = [] } = workflow.annotations ?? {};
    const shifted = (all: readonly { id: string; position?: Position | null }[], ids: ReadonlySet<string>) =>
      new Map(all.filter(({ id }) => ids.has(id)).map((one) => [one.id, shift(positionOf(one), by)]));
    const moved = moveNodes(shifted(workflow.nodes, nodes))(workflow);
    return annotations.size === 0
      ? moved
      : moveAnnotations(shifted([...notes, ...groups], annotations))(moved);
  };

function shift({ x, y }: Position, by: Position): Position {
  return { x: x + by.x, y: y + by.y };
}

export function annotationRectangle({ position, width, height }: StickyNote | Group): Rectangle {
  return { ...position, width, height };
}

function area({ width, height }: Size): number {
  return width * height;
}

function annotate(workflow: Workflow, change: (annotations: Annotations) => Annotations): Workflow {
  return { ...workflow, annotations: change(workflow.annotations ?? {}) };
}
