/**
 * What comes out of a node before anything has run, as far as it follows from the drawing: what a node hands on, takes apart
 * or makes of its parameters is said by its type. Pure.
 */
import { OUT } from "./connections";
import { isObject, sameJson, satisfies } from "./json-schema";
import type { Carried, NodeType, NodeTypes, OutputPort } from "./node-type";
import { BODY, ERROR, outputsOf } from "./ports";
import { ROOT, type Structure } from "./structure";
import type { Connection, Json, JsonObject, WorkflowNode } from "./workflow";

export interface Shape {
  readonly schema?: JsonObject;
  /** What it will be for certain: it is pinned, or written down. */
  readonly value?: Json;
}

const NOTHING: Shape = {};
const DEEPEST = 60;
const WHOLE = /^\s*\{\{\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[\d+\])*)\s*\}\}\s*$/;

export class Shapes {
  private readonly nodes: ReadonlyMap<string, WorkflowNode>;
  private readonly types: NodeTypes;
  private readonly structure: Structure;
  private readonly found = new Map<string, Shape>();
  private depth = 0;

  constructor(nodes: readonly WorkflowNode[], types: NodeTypes, structure: Structure) {
    this.nodes = new Map(nodes.map((node) => [node.id, node]));
    this.types = types;
    this.structure = structure;
  }

  /** What a node gets as `input`. Where several may come, it cannot be told which of them do. */
  input(id: string): Shape {
    const incoming = this.structure.incoming.get(id) ?? [];
    const [only] = incoming;
    if (only === undefined || incoming.some(({ from }) => from !== only.from)) return NOTHING;
    return this.alike(incoming);
  }

  /** What leaves a node, by whichever port that says something. */
  output(id: string): Shape {
    const node = this.nodes.get(id);
    if (node === undefined) return NOTHING;
    if (node.pinned_output !== undefined) return { value: node.pinned_output };
    const ports = outputsOf(this.types.get(node.type), node).filter(({ name }) => name !== ERROR);
    const said = ports.map(({ name }) => this.after(id, name)).filter(isSaid);
    return said[0] ?? NOTHING;
  }

  /** An item of the nearest loop around a node. */
  item(id: string): Shape {
    const loop = this.structure.loopOf.get(id) ?? ROOT;
    return loop === ROOT ? NOTHING : this.after(loop, BODY);
  }

  /** What leaves by one port. */
  after(id: string, port: string): Shape {
    const key = `${id}/${port}`;
    const known = this.found.get(key);
    if (known !== undefined) return known;
    if (this.depth > DEEPEST) return NOTHING;
    // In a circle nothing is known.
    this.found.set(key, NOTHING);
    this.depth += 1;
    const shape = this.find(id, port);
    this.depth -= 1;
    this.found.set(key, shape);
    return shape;
  }

  private find(id: string, name: string): Shape {
    const node = this.nodes.get(id);
    if (node === undefined) return NOTHING;
    const type = this.types.get(node.type);
    if (node.pinned_output !== undefined && name !== ERROR && name !== BODY)
      return { value: node.pinned_output };
    if (node.disabled) return this.input(id);
    const port = outputsOf(type, node).find((one) => one.name === name);
    if (port === undefined || type === undefined) return NOTHING;
    const carried = carriedBy(port, type, node);
    const shape = carried === undefined ? NOTHING : this.carried(node, carried);
    return isSaid(shape) || port.schema === undefined ? shape : { schema: port.schema };
  }

  private carried(node: WorkflowNode, { of, name = "", joined }: Carried): Shape {
    switch (of) {
      case "input":
        return this.input(node.id);
      case "inputs":
        return this.joined(node.id, joined ?? "by_node");
      case "parameter":
        return this.written(node.parameters?.[name], node.id);
      case "item":
        return itemOf(this.written(node.parameters?.[name], node.id));
      case "list":
        return { schema: listOf(schemaOf(itemOf(this.written(node.parameters?.[name], node.id)))) };
      case "body":
        return this.rounds(node.id);
      default:
        return NOTHING;
    }
  }

  private joined(id: string, how: string): Shape {
    const incoming = this.structure.incoming.get(id) ?? [];
    const shapes = incoming.map(
      ({ from, from_port: port }) => [from, this.after(from, port ?? OUT)] as const,
    );
    if (how === "by_node") {
      const once = shapes.filter(([from]) => shapes.filter(([other]) => other === from).length === 1);
      return objectOf(Object.fromEntries(once.map(([from, shape]) => [from, schemaOf(shape) ?? {}])));
    }
    if (how === "first") return this.alike(incoming);
    const schemas = shapes.map(([, shape]) => schemaOf(shape));
    if (how === "fields")
      return objectOf(Object.assign({}, ...schemas.map((schema) => schema?.properties ?? {})));
    const items = schemas.map((schema) => (schema?.type === "array" ? schema.items : schema));
    return { schema: listOf(allSame(items) ? items[0] : undefined) };
  }

  /** What comes by any of these connections, where all bring the same. */
  private alike(connections: readonly Connection[]): Shape {
    const [first, ...others] = connections.map(({ from, from_port: port }) => this.after(from, port ?? OUT));
    if (first === undefined) return NOTHING;
    return others.every((other) => sameJson(toJson(first), toJson(other))) ? first : NOTHING;
  }

  /** A list of what the last node in a loop's body gives. */
  private rounds(loop: string): Shape {
    const ends = (this.structure.bodies.get(loop) ?? []).filter(
      (id) => (this.structure.outgoing.get(id) ?? []).length === 0,
    );
    const [end] = ends;
    const items = end !== undefined && ends.length === 1 ? schemaOf(this.output(end)) : undefined;
    return { schema: listOf(items) };
  }

  /** What something that is written in a parameter comes to, at a node. */
  private written(json: Json | undefined, at: string): Shape {
    if (json === undefined) return NOTHING;
    if (!JSON.stringify(json).includes("{{")) return { value: json };
    if (typeof json === "string") {
      const path = WHOLE.exec(json)?.[1];
      if (path !== undefined) return this.path(path, at);
      return /^\s*\{\{(?:(?!\}\}).)*\}\}\s*$/s.test(json) ? NOTHING : { schema: { type: "string" } };
    }
    if (Array.isArray(json)) {
      const items = json.map((one: Json) => schemaOf(this.written(one, at)));
      return { schema: listOf(allSame(items) ? items[0] : undefined) };
    }
    if (!isObject(json)) return NOTHING;
    const fields = Object.entries(json).map(([name, one]) => [name, schemaOf(this.written(one, at)) ?? {}]);
    return objectOf(Object.fromEntries(fields));
  }

  private path(path: string, at: string): Shape {
    const steps = path.split(/[.[\]]+/).filter(Boolean);
    const [root, ...rest] = steps;
    if (root === "nodes") return along(this.output(rest[0] ?? ""), rest.slice(1));
    if (root === "input") return along(this.input(at), rest);
    if (root === "item") return along(this.item(at), rest);
    return NOTHING;
  }
}

function carriedBy(port: OutputPort, type: NodeType, node: WorkflowNode): Carried | undefined {
  if (port.carries === undefined) return undefined;
  const properties = isObject(type.parameters.properties) ? type.parameters.properties : {};
  const defaults = Object.entries(properties).map(([name, schema]) => [
    name,
    (isObject(schema) ? schema.default : null) ?? null,
  ]);
  const whole = { ...(Object.fromEntries(defaults) as JsonObject), ...node.parameters };
  return port.carries.find(({ when }) => when === undefined || satisfies(whole, when));
}

function isSaid({ schema, value }: Shape): boolean {
  return schema !== undefined || value !== undefined;
}

function objectOf(properties: JsonObject): Shape {
  return { schema: { type: "object", properties } };
}

function listOf(items: Json | undefined): JsonObject {
  return { type: "array", ...(items === undefined ? {} : { items }) };
}

function toJson({ schema, value }: Shape): Json {
  return [schema ?? null, value ?? null];
}

function allSame(schemas: readonly (Json | undefined)[]): boolean {
  return schemas.every((one) => sameJson(one, schemas[0]));
}

/** The schema of what is known: that which is said, or that of the value. */
export function schemaOf({ schema, value }: Shape): JsonObject | undefined {
  return schema ?? (value === undefined ? undefined : schemaOfValue(value));
}

function schemaOfValue(value: Json): JsonObject {
  if (value === null) return { type: "null" };
  if (Array.isArray(value)) {
    const [first] = value;
    return listOf(first === undefined ? undefined : schemaOfValue(first));
  }
  if (!isObject(value)) return { type: typeof value };
  const fields = Object.entries(value).map(([name, one]) => [name, schemaOfValue(one)]);
  return { type: "object", properties: Object.fromEntries(fields) };
}

function itemOf({ schema, value }: Shape): Shape {
  if (Array.isArray(value)) return value[0] === undefined ? NOTHING : { schema: schemaOfValue(value[0]) };
  return isObject(schema?.items) ? { schema: schema.items } : NOTHING;
}

function along(shape: Shape, steps: readonly string[]): Shape {
  let { schema, value } = shape;
  for (const step of steps) {
    const properties = isObject(schema?.properties) ? schema.properties : {};
    const inner = /^\d+$/.test(step) ? schema?.items : properties[step];
    schema = isObject(inner) ? inner : undefined;
    const held: Json | undefined = Array.isArray(value)
      ? value[Number(step)]
      : isObject(value)
        ? value[step]
        : undefined;
    value = held;
  }
  return { ...(schema === undefined ? {} : { schema }), ...(value === undefined ? {} : { value }) };
}
