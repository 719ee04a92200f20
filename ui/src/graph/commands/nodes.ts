/** Adding, changing and removing nodes. A command takes what it needs and gives a function from workflow to workflow. */
import { connectionId, sourceOf } from "../connections";
import type { NodeType, NodeTypes } from "../node-type";
import { namesOf } from "../ports";
import { type Renames, renameInParameters } from "../references";
import type { Selection } from "../selection";
import type { Connection, Json, JsonObject, Position, Workflow, WorkflowNode } from "../workflow";
import { nodeIdFor, nodeIds } from "./ids";

export type Command = (workflow: Workflow) => Workflow;
export type Path = readonly (string | number)[];

/** A node of a type, with an id that is free in `workflow`. `addNode` puts it there. */
export function newNode(workflow: Workflow, type: NodeType, position: Position): WorkflowNode {
  return { id: nodeIdFor(type.type, nodeIds(workflow)), type: type.type, position, parameters: {} };
}

export const addNode =
  (node: WorkflowNode): Command =>
  (workflow) => ({ ...workflow, nodes: [...workflow.nodes, node] });

/** The workflow with `change` made to each of these nodes; the same workflow when nothing changes. */
export function mapNodes(
  workflow: Workflow,
  ids: ReadonlySet<string>,
  change: (node: WorkflowNode) => WorkflowNode,
): Workflow {
  let changed = false;
  const nodes = workflow.nodes.map((node) => {
    const after = ids.has(node.id) ? change(node) : node;
    changed ||= after !== node;
    return after;
  });
  return changed ? { ...workflow, nodes } : workflow;
}

export const moveNodes =
  (positions: ReadonlyMap<string, Position>): Command =>
  (workflow) =>
    mapNodes(workflow, new Set(positions.keys()), (node) => {
      const position = positions.get(node.id) ?? { x: 0, y: 0 };
      const same = node.position?.x === position.x && node.position.y === position.y;
      return same ? node : { ...node, position };
    });

/** Without what is selected, and without the connections of nodes that go. */
export const removeSelection =
  ({ nodes, connections, annotations }: Selection): Command =>
  (workflow) => {
    const goes = (one: Connection) =>
      nodes.has(one.from) ||
      nodes.has(one.to) ||
      (connections.size > 0 && connections.has(connectionId(one)));
    const kept = {
      ...workflow,
      nodes: without(workflow.nodes, (node) => nodes.has(node.id)),
      connections: without(workflow.connections, goes),
    };
    if (annotations.size === 0 || workflow.annotations === undefined) return kept;
    const { notes = [], groups = [] } = workflow.annotations;
    return {
      ...kept,
      annotations: {
        notes: without(notes, (note) => annotations.has(note.id)),
        groups: without(groups, (group) => annotations.has(group.id)),
      },
    };
  };

function without<Item>(items: readonly Item[], goes: (item: Item) => boolean): readonly Item[] {
  const kept = items.filter((item) => !goes(item));
  return kept.length === items.length ? items : kept;
}

/** A field of a node, other than its id; undefined takes it away. */
export const setNodeField =
  <Field extends Exclude<keyof WorkflowNode, "id">>(
    id: string,
    field: Field,
    value: WorkflowNode[Field] | undefined,
  ): Command =>
  (workflow) =>
    mapNodes(workflow, new Set([id]), (node) => {
      if (value !== undefined) return node[field] === value ? node : { ...node, [field]: value };
      const { [field]: _gone, ...rest } = node;
      return field in node ? (rest as WorkflowNode) : node;
    });

export const setDisabled =
  (ids: ReadonlySet<string>, disabled: boolean): Command =>
  (workflow) =>
    mapNodes(workflow, ids, (node) => {
      if (Boolean(node.disabled) === disabled) return node;
      const { disabled: _before, ...rest } = node;
      return disabled ? { ...rest, disabled } : rest;
    });

/** What test runs take for the node's output; undefined for nothing. */
export const pin = (id: string, output: Json | undefined): Command =>
  setNodeField(id, "pinned_output", output);

/**
 * A node's parameter at a path, undefined to take it away; an empty path stands for all. When that gives one of the node's
 * ports another name, its connections follow.
 */
export const setParameters =
  (id: string, path: Path, value: Json | undefined, types: NodeTypes): Command =>
  (workflow) => {
    const node = workflow.nodes.find((one) => one.id === id);
    if (node === undefined) return workflow;
    const before = node.parameters ?? {};
    const after = (replaceAt(before, path, value) ?? {}) as JsonObject;
    if (after === before) return workflow;
    const changed = mapNodes(workflow, new Set([id]), (one) => ({ ...one, parameters: after }));
    const renamed = renamedPort(types.get(node.type), before, after);
    return renamed === null ? changed : { ...changed, connections: follow(changed.connections, id, renamed) };
  };

/** A value with another one at a path in it. Objects and lists on the way are made where they are missing. */
export function replaceAt(whole: Json | undefined, path: Path, value: Json | undefined): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof step === "number") {
    const list: readonly Json[] = Array.isArray(whole) ? whole : [];
    const inner = replaceAt(list[step], rest, value);
    if (inner === list[step] && step < list.length) return whole;
    if (inner === undefined) return list.filter((_, index) => index !== step);
    return Array.from({ length: Math.max(list.length, step + 1) }, (_, index) =>
      index === step ? inner : (list[index] ?? null),
    );
  }
  const object = (
    typeof whole === "object" && whole !== null && !Array.isArray(whole) ? whole : {}
  ) as JsonObject;
  const inner = replaceAt(object[step], rest, value);
  if (inner === object[step] && whole === object) return whole;
  if (inner !== undefined) return { ...object, [step]: inner };
  const { [step]: _gone, ...others } = object;
  return others;
}

interface Renamed {
  readonly before: string;
  readonly after: string;
}

/** The one port that has another name now, where that is what happened. */
function renamedPort(type: NodeType | undefined, before: JsonObject, after: JsonObject): Renamed | null {
  if (!type?.outputs_from_parameters) return null;
  const names = (parameters: JsonObject) => type.outputs.flatMap((port) => namesOf(port, parameters));
  const old = names(before);
  const now = names(after);
  const differing = now.flatMap((name, place) =>
    name === old[place] ? [] : [{ before: old[place], after: name }],
  );
  const [one] = differing;
  if (old.length !== now.length || differing.length !== 1 || one?.before === undefined) return null;
  return old.filter((name) => name === one.before).length === 1 && !old.includes(one.after)
    ? { before: one.before, after: one.after }
    : null;
}

function follow(
  connections: readonly Connection[],
  id: string,
  { before, after }: Renamed,
): readonly Connection[] {
  return connections.map((connection) => {
    const from = sourceOf(connection);
    return from.node === id && from.port === before ? { ...connection, from_port: after } : connection;
  });
}

/** Gives a node another id, everywhere: connections, expressions, parameters and settings that name it. */
export const renameNodeId =
  (before: string, after: string, types: NodeTypes): Command =>
  (workflow) => {
    const taken = nodeIds(workflow);
    if (before === after || !taken.has(before) || taken.has(after)) return workflow;
    const renames: Renames = new Map([[before, after]]);
    return {
      ...workflow,
      nodes: workflow.nodes.map((node) => withRenamed(node, renames, types)),
      connections: workflow.connections.map((connection) => renameEnds(connection, renames)),
      ...(workflow.settings && { settings: renameInSettings(workflow.settings, renames) }),
    };
  };

/** The node with another id and other names in its parameters, where they are renamed. */
export function withRenamed(node: WorkflowNode, renames: Renames, types: NodeTypes): WorkflowNode {
  const id = renames.get(node.id) ?? node.id;
  if (node.parameters === undefined) return id === node.id ? node : { ...node, id };
  const parameters = renameInParameters(node.parameters, types.get(node.type), renames);
  return id === node.id && parameters === node.parameters ? node : { ...node, id, parameters };
}

export function renameEnds(connection: Connection, renames: Renames): Connection {
  const from = renames.get(connection.from) ?? connection.from;
  const to = renames.get(connection.to) ?? connection.to;
  return from === connection.from && to === connection.to ? connection : { ...connection, from, to };
}

function renameInSettings(settings: JsonObject, renames: Renames): JsonObject {
  const priorities = settings.trigger_priorities;
  if (typeof priorities !== "object" || priorities === null || Array.isArray(priorities)) return settings;
  const renamed = Object.entries(priorities as JsonObject).map(([id, one]) => [renames.get(id) ?? id, one]);
  return { ...settings, trigger_priorities: Object.fromEntries(renamed) };
}
