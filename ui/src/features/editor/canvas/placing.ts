/** How a new step comes into a workflow: where it lies, what it is connected with, and what makes room for it. */
import { canConnect } from "@/graph/can-connect";
import { connect, insertOnConnection } from "@/graph/commands/connections";
import { addNode, moveNodes, newNode } from "@/graph/commands/nodes";
import { connectionId, type End } from "@/graph/connections";
import { NODE_WIDTH, nodeRectangle, positionOf, type Rectangle, snapped } from "@/graph/geometry";
import type { NodeType, NodeTypes } from "@/graph/node-type";
import { inputsOf, outputsOf } from "@/graph/ports";
import { descendants, structure } from "@/graph/structure";
import type { Position, Workflow, WorkflowNode } from "@/graph/workflow";

/** What a new step is for. `position` is where its upper left corner should be; without one, a place is found. */
export type Intent =
  | { readonly kind: "free"; readonly position: Position }
  | { readonly kind: "after"; readonly end: End; readonly position?: Position }
  | { readonly kind: "before"; readonly end: End; readonly position?: Position }
  | { readonly kind: "on"; readonly connection: string; readonly position?: Position };

const GAP = 64;

/** Whether a step of a type can be put there at all. */
export function fits(type: NodeType, intent: Intent): boolean {
  const takes = type.inputs.length > 0;
  const gives = type.outputs.length > 0;
  if (intent.kind === "after") return takes;
  if (intent.kind === "before") return gives;
  return intent.kind === "free" || (takes && gives);
}

interface Placed {
  readonly workflow: Workflow;
  readonly id: string;
}

export function placeStep(workflow: Workflow, types: NodeTypes, type: NodeType, intent: Intent): Placed {
  if (intent.kind === "on") return putBetween(workflow, types, type, intent.connection, intent.position);
  const node = newNode(workflow, type, snapped(placeFor(workflow, types, intent)));
  const added = addNode(node)(workflow);
  const joined = intent.kind === "free" ? added : join(added, types, node, intent);
  return { workflow: joined, id: node.id };
}

function placeFor(workflow: Workflow, types: NodeTypes, intent: Exclude<Intent, { kind: "on" }>): Position {
  if (intent.position)
    return intent.kind === "free" ? freePlace(workflow, types, intent.position) : intent.position;
  const other = workflow.nodes.find((node) => intent.kind !== "free" && node.id === intent.end.node);
  if (other === undefined) return { x: 0, y: 0 };
  const box = nodeRectangle(other, types);
  const x = intent.kind === "after" ? box.x + box.width + GAP : box.x - NODE_WIDTH - GAP;
  return freePlace(workflow, types, { x, y: box.y });
}

/** The place, or the next one below it where nothing lies. */
export function freePlace(workflow: Workflow, types: NodeTypes, wanted: Position): Position {
  const taken = workflow.nodes.map((node) => nodeRectangle(node, types));
  const place = { ...wanted, width: NODE_WIDTH, height: 64 };
  for (let tries = 0; tries < 200; tries += 1) {
    const hit = taken.find((one) => overlap(one, place));
    if (hit === undefined) break;
    place.y = hit.y + hit.height + 32;
  }
  return { x: place.x, y: place.y };
}

function overlap(one: Rectangle, other: Rectangle): boolean {
  return (
    one.x < other.x + other.width + 16 &&
    other.x < one.x + one.width + 16 &&
    one.y < other.y + other.height + 12 &&
    other.y < one.y + one.height + 12
  );
}

function join(
  workflow: Workflow,
  types: NodeTypes,
  node: WorkflowNode,
  intent: Extract<Intent, { end: End }>,
): Workflow {
  const ends = endsOf(types, node, intent);
  return ends !== null && canConnect(workflow, types, ends.from, ends.to).ok
    ? connect(ends.from, ends.to)(workflow)
    : workflow;
}

function endsOf(types: NodeTypes, node: WorkflowNode, intent: Extract<Intent, { end: End }>) {
  const type = types.get(node.type);
  const port = intent.kind === "after" ? inputsOf(type)[0] : outputsOf(type, node)[0]?.name;
  if (port === undefined) return null;
  const own = { node: node.id, port };
  return intent.kind === "after" ? { from: intent.end, to: own } : { from: own, to: intent.end };
}

function putBetween(
  workflow: Workflow,
  types: NodeTypes,
  type: NodeType,
  id: string,
  position: Position | undefined,
): Placed {
  const cut = workflow.connections.find((connection) => connectionId(connection) === id);
  const from = workflow.nodes.find((node) => node.id === cut?.from);
  const to = workflow.nodes.find((node) => node.id === cut?.to);
  if (!cut || !from || !to) {
    return placeStep(workflow, types, type, { kind: "free", position: position ?? { x: 0, y: 0 } });
  }
  const box = nodeRectangle(from, types);
  const x = box.x + box.width + GAP;
  const roomy = makeRoom(workflow, types, to, x + NODE_WIDTH + GAP);
  const free = {
    x: Math.max(x, Math.min(position?.x ?? x, positionOf(to).x - NODE_WIDTH - GAP)),
    y: positionOf(to).y,
  };
  const node = newNode(roomy, type, snapped(position && roomy === workflow ? position : free));
  return { workflow: insertOnConnection(id, node, types)(roomy), id: node.id };
}

/** Moves a step and all that follows it to the right, until it begins at `x`. */
function makeRoom(workflow: Workflow, types: NodeTypes, step: WorkflowNode, x: number): Workflow {
  const by = Math.ceil((x - positionOf(step).x) / 16) * 16;
  // Where a connection leads back or straight down, nothing is in the way.
  if (by <= 0 || by > NODE_WIDTH + 2 * GAP) return workflow;
  const following = descendants(structure(workflow, types), step.id);
  const moved = workflow.nodes.filter(
    (node) => following.has(node.id) && positionOf(node).x >= positionOf(step).x,
  );
  return moveNodes(
    new Map(moved.map((node) => [node.id, { x: positionOf(node).x + by, y: positionOf(node).y }])),
  )(workflow);
}
