/** What a drawing means: who follows whom, what goes in circles, and which nodes are in the body of which loop. */
import { sourceOf } from "./connections";
import type { NodeTypes } from "./node-type";
import { BODY } from "./ports";
import type { Connection, Workflow, WorkflowNode } from "./workflow";

/** The region of what is in no loop. */
export const ROOT = "";

export interface Structure {
  /** Every node after those that lead to it; what is in or behind a circle is missing. */
  readonly order: readonly string[];
  /** The ids of one circle, in its direction; empty when there is none. */
  readonly cycle: readonly string[];
  /** By node: the loop whose body it is in, or ROOT. */
  readonly loopOf: ReadonlyMap<string, string>;
  /** By node: how many loops are around it. */
  readonly depthOf: ReadonlyMap<string, number>;
  /** By loop: the nodes directly in its body. */
  readonly bodies: ReadonlyMap<string, readonly string[]>;
  /** Connections that leave the body of a loop other than by its `done`. */
  readonly leaving: readonly Connection[];
  readonly incoming: ReadonlyMap<string, readonly Connection[]>;
  readonly outgoing: ReadonlyMap<string, readonly Connection[]>;
}

interface Region {
  readonly depth: number;
  readonly loop: string;
}

/** What the nodes and connections make together. Connections without a node at both ends are left out. */
export function structureOf(
  nodes: readonly WorkflowNode[],
  connections: readonly Connection[],
  types: NodeTypes,
): Structure {
  const { incoming, outgoing } = index(nodes, connections);
  const order = sort(nodes, incoming, outgoing);
  const loops = new Set(nodes.filter((node) => types.get(node.type)?.role === "loop").map((node) => node.id));
  const regions = new Map<string, Region>();
  const leaving: Connection[] = [];
  for (const id of order) place(id, incoming.get(id) ?? [], regions, loops, leaving);
  const bodies = new Map<string, string[]>([...loops].map((loop) => [loop, []]));
  for (const id of order) bodies.get(regions.get(id)?.loop ?? ROOT)?.push(id);
  return {
    order,
    cycle: order.length === incoming.size ? [] : findCycle(nodes, order, incoming),
    loopOf: new Map(nodes.map(({ id }) => [id, regions.get(id)?.loop ?? ROOT])),
    depthOf: new Map(nodes.map(({ id }) => [id, regions.get(id)?.depth ?? 0])),
    bodies,
    leaving,
    incoming,
    outgoing,
  };
}

type ByNode = Map<string, Connection[]>;

function index(nodes: readonly WorkflowNode[], connections: readonly Connection[]) {
  const incoming: ByNode = new Map(nodes.map((node) => [node.id, []]));
  const outgoing: ByNode = new Map(nodes.map((node) => [node.id, []]));
  for (const connection of connections) {
    const leads = incoming.get(connection.to);
    const follows = outgoing.get(connection.from);
    if (leads === undefined || follows === undefined) continue;
    leads.push(connection);
    follows.push(connection);
  }
  return { incoming, outgoing };
}

function sort(nodes: readonly WorkflowNode[], incoming: ByNode, outgoing: ByNode): string[] {
  const missing = new Map([...incoming].map(([id, connections]) => [id, connections.length]));
  const order = nodes.map(({ id }) => id).filter((id) => missing.get(id) === 0);
  for (let next = 0; next < order.length; next += 1) {
    for (const { to } of outgoing.get(order[next] ?? "") ?? []) {
      const left = (missing.get(to) ?? 0) - 1;
      missing.set(to, left);
      if (left === 0) order.push(to);
    }
  }
  return order;
}

/** A node is where the outermost of those are that lead to it. */
function place(
  id: string,
  incoming: readonly Connection[],
  regions: Map<string, Region>,
  loops: ReadonlySet<string>,
  leaving: Connection[],
): void {
  const origins = incoming.map((connection) => origin(connection, regions, loops));
  let region: Region = { depth: 0, loop: ROOT };
  origins.forEach((other, place) => {
    if (place === 0 || isOuter(other, region)) region = other;
  });
  regions.set(id, region);
  incoming.forEach((connection, place) => {
    if (origins[place]?.loop !== region.loop) leaving.push(connection);
  });
}

function isOuter(one: Region, other: Region): boolean {
  return one.depth < other.depth || (one.depth === other.depth && one.loop < other.loop);
}

function origin(
  connection: Connection,
  regions: ReadonlyMap<string, Region>,
  loops: ReadonlySet<string>,
): Region {
  const { node, port } = sourceOf(connection);
  const region = regions.get(node) ?? { depth: 0, loop: ROOT };
  return loops.has(node) && port === BODY ? { depth: region.depth + 1, loop: node } : region;
}

/** Whatever is not in order has somebody before it who is not either: going back, one comes by a node twice. */
function findCycle(nodes: readonly WorkflowNode[], order: readonly string[], incoming: ByNode): string[] {
  const sorted = new Set(order);
  let id = nodes.find((node) => !sorted.has(node.id))?.id;
  const way: string[] = [];
  const seen = new Map<string, number>();
  while (id !== undefined && !seen.has(id)) {
    seen.set(id, way.length);
    way.push(id);
    id = incoming.get(id)?.find((connection) => !sorted.has(connection.from))?.from;
  }
  return way.slice(seen.get(id ?? "") ?? 0).reverse();
}

/** The node and all that leads to it, by any way. */
export function ancestors(structure: Structure, id: string): ReadonlySet<string> {
  return reach(id, (node) => structure.incoming.get(node)?.map(({ from }) => from) ?? []);
}

/** The node and all that follows from it, by any way. */
export function descendants(structure: Structure, id: string): ReadonlySet<string> {
  return reach(id, (node) => structure.outgoing.get(node)?.map(({ to }) => to) ?? []);
}

function reach(id: string, next: (id: string) => readonly string[]): ReadonlySet<string> {
  const found = new Set([id]);
  for (const node of found) for (const other of next(node)) found.add(other);
  return found;
}

/** The loops around a node, from the inside out. */
export function loopsAround(structure: Structure, id: string): readonly string[] {
  const around: string[] = [];
  let loop = structure.loopOf.get(id) ?? ROOT;
  while (loop !== ROOT && !around.includes(loop)) {
    around.push(loop);
    loop = structure.loopOf.get(loop) ?? ROOT;
  }
  return around;
}

const remembered = new WeakMap<
  readonly Connection[],
  { key: string; types: NodeTypes; structure: Structure }
>();

/**
 * The structure of a workflow, remembered while neither its connections nor the ids and types of its nodes change: moving
 * nodes or typing into parameters makes no new one.
 */
export function structure(workflow: Workflow, types: NodeTypes): Structure {
  const key = workflow.nodes.map((node) => `${node.id} ${node.type}`).join("\n");
  const known = remembered.get(workflow.connections);
  if (known && known.key === key && known.types === types) return known.structure;
  const made = structureOf(workflow.nodes, workflow.connections, types);
  remembered.set(workflow.connections, { key, types, structure: made });
  return made;
}
