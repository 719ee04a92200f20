/** A workflow as nodes and edges of React Flow. What did not change is the same object as before. */
import type { Edge, Node } from "@xyflow/react";
import { connectionId, sourceOf, targetOf } from "@/graph/connections";
import { portOffset, positionOf, sizeOf } from "@/graph/geometry";
import type { NodeType, NodeTypes, OutputPort } from "@/graph/node-type";
import { ERROR, inputsOf, outputsOf } from "@/graph/ports";
import type { Selection } from "@/graph/selection";
import type { Annotations, Connection, Group, StickyNote, Workflow, WorkflowNode } from "@/graph/workflow";

export interface DrawnPort extends OutputPort {
  readonly lost?: boolean;
  /** Nothing follows it yet. */
  readonly free?: boolean;
}

export interface StepData extends Record<string, unknown> {
  readonly node: WorkflowNode;
  readonly type: NodeType | undefined;
  readonly inputs: readonly string[];
  readonly outputs: readonly DrawnPort[];
}

export type StepElement = Node<StepData, "step">;
export type NoteElement = Node<{ note: StickyNote }, "note">;
export type GroupElement = Node<{ group: Group }, "frame">;
export type FlowNode = StepElement | NoteElement | GroupElement;
export type FlowEdge = Edge<{ connection: Connection; isError: boolean }, "connection">;

// Groups lie under everything, notes under the steps; connections have 0.
const GROUP_LEVEL = -2;
const NOTE_LEVEL = 1;
const STEP_LEVEL = 2;
/** Half of a port's dot, which lies on the edge of its node. */
export const HANDLE = 5;

interface Kept<Element> {
  readonly types: NodeTypes;
  /** Ports that connections leave by though the node has them no more. */
  readonly lost: string;
  /** Ports that connections leave by, each in a line. */
  readonly taken: string;
  readonly plain: Element;
  selected?: Element;
}

type Ports = Pick<Kept<unknown>, "lost" | "taken">;
const NO_PORTS: Ports = { lost: "", taken: "" };

export class Elements {
  private readonly steps = new WeakMap<WorkflowNode, Kept<StepElement>>();
  private readonly notes = new WeakMap<StickyNote, Kept<NoteElement>>();
  private readonly groups = new WeakMap<Group, Kept<GroupElement>>();
  private readonly edges = new WeakMap<Connection, Kept<FlowEdge>>();

  nodesOf(workflow: Workflow, types: NodeTypes, selection: Selection): FlowNode[] {
    const { notes = [], groups = [] }: Annotations = workflow.annotations ?? {};
    const taken = takenPorts(workflow);
    const lost = lostPorts(workflow, types);
    const drawn = (id: string) => selection.annotations.has(id);
    return [
      ...groups.map((group) => keep(this.groups, group, types, groupElement, drawn(group.id))),
      ...notes.map((note) => keep(this.notes, note, types, noteElement, drawn(note.id))),
      ...workflow.nodes.map((node) =>
        keep(this.steps, node, types, stepElement, selection.nodes.has(node.id), {
          lost: lost.get(node.id) ?? "",
          taken: taken.get(node.id) ?? "",
        }),
      ),
    ];
  }

  /** Connections without a node at both ends are not drawn: they are among the problems. */
  edgesOf(workflow: Workflow, types: NodeTypes, selection: Selection): FlowEdge[] {
    const ids = new Set(workflow.nodes.map((node) => node.id));
    const found = new Map<string, FlowEdge>();
    for (const connection of workflow.connections) {
      if (!ids.has(connection.from) || !ids.has(connection.to)) continue;
      const id = connectionId(connection);
      found.set(id, keep(this.edges, connection, types, edgeElement, selection.connections.has(id)));
    }
    return [...found.values()];
  }
}

function keep<Value extends object, Element extends object>(
  kept: WeakMap<Value, Kept<Element>>,
  value: Value,
  types: NodeTypes,
  make: (value: Value, types: NodeTypes, ports: Ports) => Element,
  selected: boolean,
  { lost, taken }: Ports = NO_PORTS,
): Element {
  let entry = kept.get(value);
  if (entry?.types !== types || entry.lost !== lost || entry.taken !== taken) {
    entry = { types, lost, taken, plain: make(value, types, { lost, taken }) };
    kept.set(value, entry);
  }
  if (!selected) return entry.plain;
  entry.selected ??= { ...entry.plain, selected: true };
  return entry.selected;
}

/** By node: the ports that connections leave by, each in a line. */
function takenPorts(workflow: Workflow): Map<string, string> {
  const taken = new Map<string, string>();
  for (const connection of workflow.connections) {
    const { node, port } = sourceOf(connection);
    const known = taken.get(node);
    if (!known?.split("\n").includes(port)) taken.set(node, known === undefined ? port : `${known}\n${port}`);
  }
  return taken;
}

/** By node: its lost ports, each in a line. They are drawn, so that what hangs on them is seen. */
function lostPorts(workflow: Workflow, types: NodeTypes): Map<string, string> {
  const nodes = new Map(workflow.nodes.map((node) => [node.id, node]));
  const lost = new Map<string, string>();
  for (const connection of workflow.connections) {
    const { node: id, port } = sourceOf(connection);
    const node = nodes.get(id);
    if (node === undefined || outputsOf(types.get(node.type), node).some((one) => one.name === port))
      continue;
    const known = lost.get(id);
    if (!known?.split("\n").includes(port)) lost.set(id, known === undefined ? port : `${known}\n${port}`);
  }
  return lost;
}

function stepElement(node: WorkflowNode, types: NodeTypes, { lost, taken }: Ports): StepElement {
  const type = types.get(node.type);
  const inputs = inputsOf(type);
  const used = new Set(taken === "" ? [] : taken.split("\n"));
  const outputs = withLost(outputsOf(type, node), lost).map((port) =>
    used.has(port.name) ? port : { ...port, free: true },
  );
  const size = sizeOf(Math.max(inputs.length, outputs.length));
  const handles = [
    ...inputs.map((name, place) => handle("target", name, 0, portOffset(place, inputs.length))),
    ...outputs.map(({ name }, place) =>
      handle("source", name, size.width, portOffset(place, outputs.length)),
    ),
  ];
  return {
    id: node.id,
    type: "step",
    position: positionOf(node),
    data: { node, type, inputs, outputs },
    ...size,
    measured: size,
    handles,
    zIndex: STEP_LEVEL,
    ariaRole: "group",
    ariaLabel: node.name || type?.title || node.id,
  };
}

function withLost(outputs: readonly DrawnPort[], lost: string): readonly DrawnPort[] {
  if (lost === "") return outputs;
  const help = "This port is gone. Connect what follows to another one, or remove the connection.";
  return [...outputs, ...lost.split("\n").map((name) => ({ name, help, lost: true }))];
}

function handle(type: "source" | "target", name: string, x: number, y: number) {
  return {
    id: handleId(name),
    type,
    position: (type === "source" ? "right" : "left") as NonNullable<
      StepElement["handles"]
    >[number]["position"],
    x: x - HANDLE,
    y: y - HANDLE,
    width: 2 * HANDLE,
    height: 2 * HANDLE,
  };
}

function edgeElement(connection: Connection): FlowEdge {
  const from = sourceOf(connection);
  const to = targetOf(connection);
  return {
    id: connectionId(connection),
    type: "connection",
    source: from.node,
    sourceHandle: handleId(from.port),
    target: to.node,
    targetHandle: handleId(to.port),
    data: { connection, isError: from.port === ERROR },
    ariaRole: "group",
    ariaLabel: `Connection from ${from.node}, ${from.port}, to ${to.node}`,
    focusable: false,
  };
}

function noteElement(note: StickyNote): NoteElement {
  const size = { width: note.width, height: note.height };
  return {
    id: annotationElementId(note.id),
    type: "note",
    position: note.position,
    data: { note },
    ...size,
    measured: size,
    handles: [],
    zIndex: NOTE_LEVEL,
    ariaRole: "group",
    ariaLabel: "Note",
  };
}

function groupElement(group: Group): GroupElement {
  const size = { width: group.width, height: group.height };
  return {
    id: annotationElementId(group.id),
    type: "frame",
    position: group.position,
    data: { group },
    ...size,
    measured: size,
    handles: [],
    zIndex: GROUP_LEVEL,
    ariaRole: "group",
    ariaLabel: group.title || "Group",
    dragHandle: ".wb-group-handle",
  };
}

// Notes and groups may be called as nodes are.
const ANNOTATION = "~";

export function annotationElementId(id: string): string {
  return ANNOTATION + id;
}

/** The id of the note or group of an element; null when it is a step. */
export function annotationIdOf(elementId: string): string | null {
  return elementId.startsWith(ANNOTATION) ? elementId.slice(ANNOTATION.length) : null;
}

/** Names of ports are anybody's words; React Flow looks for handles with selectors. */
export function handleId(port: string): string {
  return encodeURIComponent(port);
}

export function portOf(handle: string | null | undefined): string | null {
  return handle == null ? null : decodeURIComponent(handle);
}
