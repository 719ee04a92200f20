/** The names of nodes within expressions: found, and rewritten when a node gets another id. */
import { isObject } from "./json-schema";
import type { NodeType } from "./node-type";
import type { Json, JsonObject } from "./workflow";

export type Renames = ReadonlyMap<string, string>;

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
// Texts are stepped over, so that what only looks like a reference within one stays as it is.
const WORDS =
  /(?<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<![\w.])(?<start>nodes|execution\s*\.\s*resume_urls)\s*(?:\.\s*(?<name>[\p{L}_][\p{L}\p{N}_]*)|\[\s*(?<quoted>'[^'\\]*'|"[^"\\]*")\s*\])/gsu;
const BRACES = /\{\{(?<inside>(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^'"])*?)\}\}/gsu;

/** The expression with other names for the nodes that are renamed. */
export function renameInExpression(expression: string, renames: Renames): string {
  return expression.replaceAll(WORDS, (whole: string, ...rest: unknown[]) => {
    const { start, name, quoted } = rest.at(-1) as Record<string, string | undefined>;
    const id = name ?? quoted?.slice(1, -1);
    const renamed = start === undefined || id === undefined ? undefined : renames.get(id);
    if (renamed === undefined) return whole;
    return IDENTIFIER.test(renamed) ? `${start}.${renamed}` : `${start}['${renamed}']`;
  });
}

/** The text with other names in what stands in its braces. */
export function renameInTemplate(text: string, renames: Renames): string {
  if (!text.includes("{{")) return text;
  return text.replaceAll(BRACES, (whole: string, ...rest: unknown[]) => {
    const { inside } = rest.at(-1) as Record<string, string>;
    return inside === undefined ? whole : `{{${renameInExpression(inside, renames)}}}`;
  });
}

/** The ids of the nodes that an expression refers to. */
export function nodesIn(expression: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { groups } of expression.matchAll(WORDS)) {
    const id = groups?.start === "nodes" ? (groups.name ?? groups.quoted?.slice(1, -1)) : undefined;
    if (id !== undefined) found.add(id);
  }
  return found;
}

/** How `nodes.<id>` is written for that id. */
export function referenceTo(id: string): string {
  return IDENTIFIER.test(id) ? `nodes.${id}` : `nodes['${id}']`;
}

/** Parameters with other names for the nodes that are renamed. Only what the type's schema marks is touched. */
export function renameInParameters(
  parameters: JsonObject,
  type: NodeType | undefined,
  renames: Renames,
): JsonObject {
  const schema = type?.parameters ?? { "x-wingbeat": "template" };
  return rewrite(parameters, { schemas: [schema], root: schema }, renames) as JsonObject;
}

/** The marks of one value, by all alternatives of its schema. */
interface Marked {
  readonly schemas: readonly JsonObject[];
  readonly root: JsonObject;
}

function rewrite(value: Json, marked: Marked, renames: Renames): Json {
  if (typeof value === "string") return rewriteText(value, marked, renames);
  const schemas = flatten(marked.schemas, marked.root);
  if (Array.isArray(value)) {
    const items = { schemas: below(schemas, (schema) => schema.items), root: marked.root };
    return same(
      value,
      value.map((item: Json) => rewrite(item, items, renames)),
    ) as Json;
  }
  if (!isObject(value)) return value;
  const changed = Object.entries(value).map(([name, item]): [string, Json] => {
    const inner = below(schemas, (schema) => propertyOf(schema, name));
    return [name, rewrite(item, { schemas: inner, root: marked.root }, renames)];
  });
  return changed.some(([name, item]) => item !== value[name]) ? Object.fromEntries(changed) : value;
}

function rewriteText(text: string, marked: Marked, renames: Renames): string {
  const marks = new Set(flatten(marked.schemas, marked.root).map((schema) => schema["x-wingbeat"]));
  if (marks.has("node")) return renames.get(text) ?? text;
  if (marks.has("expression")) return renameInExpression(text, renames);
  return marks.has("template") ? renameInTemplate(text, renames) : text;
}

function same(before: readonly Json[], after: readonly Json[]): readonly Json[] {
  return after.some((item, index) => item !== before[index]) ? after : before;
}

// What is in a template is one too, down to the last text.
function below(
  schemas: readonly JsonObject[],
  inner: (schema: JsonObject) => Json | undefined,
): JsonObject[] {
  const found = schemas.map(inner).filter(isObject);
  return schemas.some((schema) => schema["x-wingbeat"] === "template")
    ? [...found, { "x-wingbeat": "template" }]
    : found;
}

function propertyOf(schema: JsonObject, name: string): Json | undefined {
  const properties = schema.properties;
  if (isObject(properties) && Object.hasOwn(properties, name)) return properties[name];
  return schema.additionalProperties;
}

/** A schema and all that it refers to or chooses between. */
function flatten(schemas: readonly JsonObject[], root: JsonObject): JsonObject[] {
  const found = new Set(schemas);
  for (const schema of found) for (const inner of choices(schema, root)) found.add(inner);
  return [...found];
}

function choices(schema: JsonObject, root: JsonObject): JsonObject[] {
  const target = typeof schema.$ref === "string" ? resolve(schema.$ref, root) : undefined;
  const lists = [schema.anyOf, schema.oneOf, schema.allOf].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  return [target, ...lists].filter(isObject);
}

function resolve(reference: string, root: JsonObject): Json | undefined {
  const steps = reference.replace(/^#\//, "").split("/");
  return steps.reduce<Json | undefined>((place, step) => (isObject(place) ? place[step] : undefined), root);
}
