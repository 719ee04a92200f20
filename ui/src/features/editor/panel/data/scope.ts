/** The names in scope at a node: values of the last run, what is pinned, and where neither is, what node types say. Pure. */

import { Shapes } from "@/graph/carried";
import { OUT } from "@/graph/connections";
import type { NodeTypes } from "@/graph/node-type";
import { ERROR, outputsOf } from "@/graph/ports";
import { ancestors, loopsAround, type Structure } from "@/graph/structure";
import type { Connection, Json, JsonObject, Workflow } from "@/graph/workflow";
import type { ScopeEntry } from "@/shared/code/expression/scope";

export interface RunName {
  readonly path: string;
  readonly kind: "input" | "node" | "variable" | "loop" | "fact";
  readonly node_id: string | null;
  readonly value: { readonly value?: unknown } | null;
}

export interface Upstream {
  readonly id: string;
  readonly name: string;
  readonly value?: Json;
  readonly schema?: JsonObject;
  /** Its output is the one that is pinned. */
  readonly pinned: boolean;
  /** Its value follows from one that is pinned or written down, and not from the last run. */
  readonly certain: boolean;
}

interface Given {
  readonly workflow: Workflow;
  readonly types: NodeTypes;
  readonly structure: Structure;
  readonly nodeId: string;
  /** Of the last run, as far as the node was there. */
  readonly run: readonly RunName[];
  readonly helps: ReadonlyMap<string, string>;
}

/** The nodes whose outputs can be referred to, the nearest first. */
export function upstreamOf({ workflow, types, structure, nodeId, run }: Given): Upstream[] {
  const before = ancestors(structure, nodeId);
  const shapes = new Shapes(workflow.nodes, types, structure);
  const around = new Set(loopsAround(structure, nodeId));
  const order = new Map(structure.order.map((id, place) => [id, place]));
  return workflow.nodes
    .filter(({ id }) => id !== nodeId && before.has(id) && !around.has(id))
    .sort((one, other) => (order.get(other.id) ?? 0) - (order.get(one.id) ?? 0))
    .map((node) => {
      const type = types.get(node.type);
      const known = run.find((one) => one.node_id === node.id)?.value;
      const shape = shapes.output(node.id);
      const schema = shape.schema ?? outputsOf(type, node).find((port) => port.schema)?.schema;
      const pinned = node.pinned_output !== undefined;
      const certain = shape.value !== undefined;
      const value = certain ? shape.value : known ? (known.value as Json) : undefined;
      return {
        id: node.id,
        name: node.name || type?.title || node.id,
        pinned,
        certain,
        ...(value === undefined ? {} : { value }),
        ...(schema === undefined ? {} : { schema }),
      };
    });
}

/** All names, those that are used most first. */
export function scopeOf(given: Given): ScopeEntry[] {
  const { workflow, structure, nodeId, run, helps } = given;
  const upstream = upstreamOf(given);
  const value = (name: string) => {
    const known = run.find((one) => one.path === name && one.kind !== "node")?.value;
    return known ? { value: known.value as Json } : {};
  };
  const entry = (name: string): ScopeEntry => ({ name, help: helps.get(name) ?? "", ...value(name) });
  const inLoop = loopsAround(structure, nodeId).length > 0;
  const variables = { ...workflow.global_variables };
  for (const one of run)
    if (one.kind === "variable" && !(one.path in variables)) variables[one.path] = lastValue(one);
  return [
    { ...entry("input"), ...inputOf(given, upstream, value("input")) },
    ...(inLoop ? [{ ...itemOf(given), ...entry("item") }, ...["index", "loop"].map(entry)] : []),
    nodesEntry(upstream, helps),
    entry("trigger"),
    ...Object.entries(variables).map(([name, one]) => ({
      name,
      help: "A variable of the workflow.",
      value: one,
    })),
    ...["execution", "workflow", "now"].map(entry),
  ];
}

function lastValue(name: RunName): Json {
  return (name.value?.value ?? null) as Json;
}

function nodesEntry(upstream: readonly Upstream[], helps: ReadonlyMap<string, string>): ScopeEntry {
  const known = upstream.filter((one) => one.value !== undefined);
  const properties = upstream.map((one) => [one.id, { ...one.schema, description: one.name }] as const);
  return {
    name: "nodes",
    help: helps.get("nodes") ?? "The outputs of nodes that ran before.",
    value: Object.fromEntries(known.map((one) => [one.id, one.value ?? null])),
    schema: { type: "object", properties: Object.fromEntries(properties) },
  };
}

/** An item of the loop around, as far as the drawing says it. */
function itemOf({ workflow, types, structure, nodeId }: Given): Partial<ScopeEntry> {
  return new Shapes(workflow.nodes, types, structure).item(nodeId);
}

/** What comes in: what is certain, as it last came, or what the drawing says of it. */
function inputOf(
  { workflow, types, structure, nodeId }: Given,
  upstream: readonly Upstream[],
  run: { value?: Json },
): Partial<ScopeEntry> {
  const shape = new Shapes(workflow.nodes, types, structure).input(nodeId);
  if (shape.value !== undefined) return { value: shape.value };
  if ("value" in run) return run;
  const incoming = structure.incoming.get(nodeId) ?? [];
  const [only] = incoming;
  if (only === undefined || incoming.some(({ from }) => from !== only.from)) return shape;
  const value = upstream.find(({ id }) => id === only.from)?.value;
  const alike = portsAlike(workflow, types, only);
  return { ...shape, ...(value === undefined || !alike ? {} : { value }) };
}

/** Whether the ports of the node that a connection comes from all give the same. */
function portsAlike(workflow: Workflow, types: NodeTypes, connection: Connection): boolean {
  const node = workflow.nodes.find(({ id }) => id === connection.from);
  const ports = node === undefined ? [] : outputsOf(types.get(node.type), node);
  const name = connection.from_port ?? OUT;
  const own = ports.find((port) => port.name === name);
  const others = ports.filter((port) => port !== own && port.name !== ERROR);
  return name !== ERROR && others.every((port) => same(port.schema, own?.schema));
}

function same(one: JsonObject | undefined, other: JsonObject | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
