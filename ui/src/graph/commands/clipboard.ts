/** Copying parts of a workflow as text that other tabs, editors and people can read, and pasting them. */
import { connectionId } from "../connections";
import { isObject } from "../json-schema";
import type { NodeTypes } from "../node-type";
import { type Selection, selectionOf } from "../selection";
import type {
  Annotations,
  Connection,
  Group,
  JsonObject,
  Position,
  StickyNote,
  Workflow,
  WorkflowNode,
} from "../workflow";
import { annotationIds, freshId, nodeIds } from "./ids";
import { renameEnds, withRenamed } from "./nodes";

const FORMAT = 1;
/** How far from its original a copy lies. */
const OFFSET = 32;
const NODE_ID = /^[A-Za-z_][A-Za-z0-9_-]{0,99}$/;

export interface Clip {
  readonly wingbeat: typeof FORMAT;
  readonly nodes: readonly WorkflowNode[];
  readonly connections: readonly Connection[];
  readonly annotations: Annotations;
}

export interface Pasted {
  readonly workflow: Workflow;
  /** What has come, to be selected. */
  readonly selection: Selection;
}

/** What is selected, with the connections between its nodes; null when no node, note or group is. */
export function copy(workflow: Workflow, selection: Selection): Clip | null {
  const nodes = workflow.nodes.filter((node) => selection.nodes.has(node.id));
  const { notes = [], groups = [] } = workflow.annotations ?? {};
  const chosen = {
    notes: notes.filter((note) => selection.annotations.has(note.id)),
    groups: groups.filter((group) => selection.annotations.has(group.id)),
  };
  if (nodes.length + chosen.notes.length + chosen.groups.length === 0) return null;
  const connections = workflow.connections.filter(
    ({ from, to }) => selection.nodes.has(from) && selection.nodes.has(to),
  );
  return { wingbeat: FORMAT, nodes, connections, annotations: chosen };
}

/** What somebody pasted, if it is something that can be in a workflow: a clip of ours, or a whole definition. */
export function readClip(text: string): Clip | null {
  const found = definitionIn(text);
  if (found === null || (found.wingbeat !== FORMAT && !("name" in found))) return null;
  const nodes = listOf(found.nodes, isNode);
  const connections = listOf(found.connections ?? [], isConnection);
  const annotations = isObject(found.annotations) ? found.annotations : {};
  const notes = listOf(annotations.notes ?? [], isNote);
  const groups = listOf(annotations.groups ?? [], isGroup);
  if (!nodes || !connections || !notes || !groups) return null;
  return { wingbeat: FORMAT, nodes, connections, annotations: { notes, groups } };
}

/** The object that a text holds; of a file that the server made, the definition in it. Null where there is none. */
export function definitionIn(text: string): JsonObject | null {
  const found = parse(text);
  if (!isObject(found)) return null;
  return isObject(found.definition) && !("nodes" in found) ? found.definition : found;
}

/**
 * The workflow with a clip in it, under ids that are free. With `at`, its upper left corner comes there; without, it lies
 * beside what is there already. References among what came follow it.
 */
export function paste(workflow: Workflow, clip: Clip, types: NodeTypes, at: Position | null = null): Pasted {
  const by = offset(workflow, clip, at);
  const renames = freshNames(clip.nodes, nodeIds(workflow));
  const nodes = clip.nodes.map((node) => moved(withRenamed(node, renames, types), by));
  const fresh = new Set(nodes.map((node) => node.id));
  const connections = clip.connections
    .map((connection) => renameEnds(connection, renames))
    .filter(({ from, to }) => fresh.has(from) && fresh.has(to));
  const { notes = [], groups = [] } = clip.annotations;
  const names = freshNames([...notes, ...groups], annotationIds(workflow));
  const placed = <One extends StickyNote | Group>(one: One): One =>
    moved({ ...one, id: names.get(one.id) ?? one.id }, by);
  const annotations = workflow.annotations ?? {};
  return {
    workflow: {
      ...workflow,
      nodes: [...workflow.nodes, ...nodes],
      connections: [...workflow.connections, ...unique(connections)],
      ...(notes.length + groups.length > 0 && {
        annotations: {
          notes: [...(annotations.notes ?? []), ...notes.map(placed)],
          groups: [...(annotations.groups ?? []), ...groups.map(placed)],
        },
      }),
    },
    selection: selectionOf({ nodes: fresh, annotations: names.values() }),
  };
}

export function duplicate(workflow: Workflow, selection: Selection, types: NodeTypes): Pasted | null {
  const clip = copy(workflow, selection);
  return clip === null ? null : paste(workflow, clip, types);
}

function freshNames(items: readonly { readonly id: string }[], taken: Set<string>): Map<string, string> {
  const names = new Map<string, string>();
  for (const { id } of items) {
    const name = freshId(id, taken);
    taken.add(name);
    names.set(id, name);
  }
  return names;
}

function unique(connections: readonly Connection[]): readonly Connection[] {
  return [...new Map(connections.map((connection) => [connectionId(connection), connection])).values()];
}

type Placed = { readonly position?: Position | null };

function moved<One extends Placed>(one: One, by: Position): One {
  const { x, y } = one.position ?? { x: 0, y: 0 };
  return { ...one, position: { x: x + by.x, y: y + by.y } };
}

/** Further on where it would lie exactly on what is there, as when the same is pasted twice. */
function offset(workflow: Workflow, clip: Clip, at: Position | null): Position {
  const corners = positions(clip);
  const start =
    at === null
      ? { x: 0, y: 0 }
      : {
          x: at.x - Math.min(...corners.map(({ x }) => x)),
          y: at.y - Math.min(...corners.map(({ y }) => y)),
        };
  const taken = new Set(positions(workflow).map(({ x, y }) => `${x} ${y}`));
  let by = 0;
  while (corners.some(({ x, y }) => taken.has(`${x + start.x + by} ${y + start.y + by}`))) by += OFFSET;
  return { x: start.x + by, y: start.y + by };
}

function positions({ nodes, annotations }: Pick<Workflow, "nodes" | "annotations">): Position[] {
  const placed: Placed[] = [...nodes, ...(annotations?.notes ?? []), ...(annotations?.groups ?? [])];
  return placed.map(({ position }) => position ?? { x: 0, y: 0 });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function listOf<Item>(value: unknown, is: (item: unknown) => item is Item): Item[] | null {
  if (!Array.isArray(value) || !value.every(is)) return null;
  return value;
}

function isNode(item: unknown): item is WorkflowNode {
  return (
    isObject(item) &&
    isId(item.id) &&
    typeof item.type === "string" &&
    [item.name, item.notes].every((text) => text === undefined || typeof text === "string") &&
    (item.disabled === undefined || typeof item.disabled === "boolean") &&
    (item.retry == null || isObject(item.retry)) &&
    (item.parameters === undefined || isObject(item.parameters)) &&
    (item.position == null || isPosition(item.position))
  );
}

function isConnection(item: unknown): item is Connection {
  if (!isObject(item) || typeof item.from !== "string" || typeof item.to !== "string") return false;
  return [item.from_port, item.to_port].every((port) => port == null || typeof port === "string");
}

function isNote(item: unknown): item is StickyNote {
  return isObject(item) && isId(item.id) && typeof item.text === "string" && isPlaced(item);
}

function isGroup(item: unknown): item is Group {
  return isObject(item) && isId(item.id) && typeof item.title === "string" && isPlaced(item);
}

function isPlaced(item: { readonly [name: string]: unknown }): boolean {
  return isPosition(item.position) && typeof item.width === "number" && typeof item.height === "number";
}

function isPosition(item: unknown): item is Position {
  return isObject(item) && typeof item.x === "number" && typeof item.y === "number";
}

function isId(item: unknown): item is string {
  return typeof item === "string" && NODE_ID.test(item);
}
