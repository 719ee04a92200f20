/**
 * What the layout engine (ELK) is given, and what its answer means: steps in layers from left to right, the body of each
 * loop in a box of its own. Notes stay where they are; groups are put around what was in them.
 */
import { setAnnotation, within } from "./commands/annotations";
import { type Command, moveNodes } from "./commands/nodes";
import { connectionId, sourceOf, targetOf } from "./connections";
import {
  around,
  GRID,
  NODE_WIDTH,
  nodeRectangle,
  nodeSize,
  portOffset,
  positionOf,
  snapped,
} from "./geometry";
import type { NodeTypes } from "./node-type";
import { inputsOf, outputsOf } from "./ports";
import { type Structure, structure } from "./structure";
import type { Connection, Position, Workflow, WorkflowNode } from "./workflow";

export interface LayoutPort {
  readonly id: string;
  readonly width: 0;
  readonly height: 0;
  readonly x: number;
  readonly y: number;
  readonly layoutOptions: Readonly<Record<string, string>>;
}

export interface LayoutNode {
  readonly id: string;
  readonly width?: number;
  readonly height?: number;
  readonly layoutOptions?: Readonly<Record<string, string>>;
  readonly ports?: LayoutPort[];
  readonly children?: LayoutNode[];
}

export interface LayoutGraph extends LayoutNode {
  readonly edges: { readonly id: string; readonly sources: string[]; readonly targets: string[] }[];
}

/** What comes back: the same tree, with places that are relative to the box around. */
export interface LaidOut {
  readonly id: string;
  readonly x?: number;
  readonly y?: number;
  readonly children?: readonly LaidOut[];
}

/** Whether nobody has given its steps a place: all have the same one. */
export function isUnplaced({ nodes }: Workflow): boolean {
  const { x, y } = positionOf(nodes[0] ?? {});
  return nodes.length > 1 && nodes.every((node) => positionOf(node).x === x && positionOf(node).y === y);
}

export type Positions = ReadonlyMap<string, Position>;

/** Said for each box again: they are not handed down. */
const SPACING = {
  "elk.spacing.nodeNode": "32",
  "elk.layered.spacing.nodeNodeBetweenLayers": "48",
  "elk.spacing.edgeNode": "24",
};
const OPTIONS = {
  ...SPACING,
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.hierarchyHandling": "INCLUDE_CHILDREN",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.crossingMinimization.greedySwitch.type": "OFF",
};
const CAREFUL = { "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX" };
const QUICK = {
  "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF",
  "elk.layered.thoroughness": "2",
  // The way of the connections is drawn by the canvas.
  "elk.edgeRouting": "POLYLINE",
};
/** For larger drawings than this, care takes too long. */
const LARGE = 400;
const BODY_OPTIONS = { ...SPACING, "elk.padding": "[top=48,left=24,bottom=24,right=24]" };
const BODY_OF = "body of ";

/** The layout of some nodes, or of all. */
export function layoutGraph(
  workflow: Workflow,
  types: NodeTypes,
  ids: ReadonlySet<string> | null = null,
): LayoutGraph {
  const nodes = workflow.nodes.filter((node) => ids?.has(node.id) ?? true);
  const chosen = new Map(nodes.map((node) => [node.id, node]));
  const regions = structure(workflow, types);
  const edges = workflow.connections.filter(({ from, to }) => chosen.has(from) && chosen.has(to));
  return {
    id: "workflow",
    layoutOptions: { ...OPTIONS, ...(nodes.length > LARGE ? QUICK : CAREFUL) },
    children: regionOf("", chosen, regions, types),
    edges: edges.map((connection) => edgeOf(connection)),
  };
}

function regionOf(
  loop: string,
  chosen: ReadonlyMap<string, WorkflowNode>,
  regions: Structure,
  types: NodeTypes,
): LayoutNode[] {
  // The body of a loop that is not moved itself has no box of its own.
  const here = (id: string) => {
    const around = regions.loopOf.get(id) ?? "";
    return (chosen.has(around) ? around : "") === loop;
  };
  return [...chosen.values()]
    .filter((node) => here(node.id))
    .flatMap((node) => {
      const body = regions.bodies.get(node.id)?.some((id) => chosen.has(id)) ?? false;
      const drawn = nodeOf(node, types);
      if (!body) return [drawn];
      const children = regionOf(node.id, chosen, regions, types);
      return [drawn, { id: BODY_OF + node.id, layoutOptions: BODY_OPTIONS, children }];
    });
}

function nodeOf(node: WorkflowNode, types: NodeTypes): LayoutNode {
  const type = types.get(node.type);
  const inputs = inputsOf(type).map((name, place, all) => portOf(node.id, "in", name, place, all.length));
  const outputs = outputsOf(type, node).map(({ name }, place, all) =>
    portOf(node.id, "out", name, place, all.length),
  );
  return {
    id: node.id,
    ...nodeSize(node, types),
    layoutOptions: { "elk.portConstraints": "FIXED_POS" },
    ports: [...outputs, ...inputs],
  };
}

/** Where it is drawn, so that what is straight for the engine is straight on the canvas. */
function portOf(node: string, way: "in" | "out", name: string, place: number, count: number): LayoutPort {
  return {
    id: portId(node, way, name),
    width: 0,
    height: 0,
    x: way === "in" ? 0 : NODE_WIDTH,
    y: portOffset(place, count),
    layoutOptions: { "elk.port.side": way === "in" ? "WEST" : "EAST" },
  };
}

function portId(node: string, way: "in" | "out", name: string): string {
  return `${node}/${way}/${name}`;
}

function edgeOf(connection: Connection) {
  const [from, to] = [sourceOf(connection), targetOf(connection)];
  return {
    id: connectionId(connection),
    sources: [portId(from.node, "out", from.port)],
    targets: [portId(to.node, "in", to.port)],
  };
}

/** Connections of ports that are not there (any more) would make the engine fail. */
export function withoutLooseEdges(graph: LayoutGraph): LayoutGraph {
  const ports = new Set<string>();
  const collect = (node: LayoutNode) => {
    for (const port of node.ports ?? []) ports.add(port.id);
    for (const child of node.children ?? []) collect(child);
  };
  collect(graph);
  const edges = graph.edges.filter(({ sources, targets }) =>
    [...sources, ...targets].every((id) => ports.has(id)),
  );
  return { ...graph, edges };
}

/** All ports of a node are so far apart, or a multiple: what is straight stays straight. */
const FINE = 4;

/** The places of the nodes, moved so that the upper left corner of all stays where it was. */
export function placesFrom(laidOut: LaidOut, workflow: Workflow, types: NodeTypes): Positions {
  const found = new Map<string, Position>();
  collectPlaces(laidOut, { x: 0, y: 0 }, found);
  const moved = workflow.nodes.filter((node) => found.has(node.id));
  const before = around(moved.map((node) => nodeRectangle(node, types)));
  const after = around(
    moved.map((node) => ({ ...(found.get(node.id) ?? positionOf(node)), ...nodeSize(node, types) })),
  );
  if (before === null || after === null) return found;
  const by = { x: before.x - after.x, y: before.y - after.y };
  return new Map(
    moved.map((node) => {
      const { x, y } = found.get(node.id) ?? positionOf(node);
      return [node.id, { x: snapped({ x: x + by.x, y: 0 }).x, y: snapped({ x: 0, y: y + by.y }, FINE).y }];
    }),
  );
}

function collectPlaces(node: LaidOut, at: Position, found: Map<string, Position>): void {
  for (const child of node.children ?? []) {
    const place = { x: at.x + (child.x ?? 0), y: at.y + (child.y ?? 0) };
    if (!child.id.startsWith(BODY_OF)) found.set(child.id, place);
    collectPlaces(child, place, found);
  }
}

const PADDING = 2 * GRID;
const HEADING = 40;

/** Puts nodes at new places, and each group around what was in it. */
export const arrange =
  (positions: Positions, types: NodeTypes): Command =>
  (workflow) => {
    const groups = workflow.annotations?.groups ?? [];
    const members = groups.map((group) => within(workflow, group, types));
    const moved = moveNodes(positions)(workflow);
    return groups.reduce((now, group, index) => {
      const inside = now.nodes.filter((node) => members[index]?.nodes.has(node.id));
      const box = around(inside.map((node) => nodeRectangle(node, types)));
      if (box === null) return now;
      return setAnnotation(group.id, {
        position: { x: box.x - PADDING, y: box.y - PADDING - HEADING },
        width: box.width + 2 * PADDING,
        height: box.height + 2 * PADDING + HEADING,
      })(now);
    }, moved);
  };
