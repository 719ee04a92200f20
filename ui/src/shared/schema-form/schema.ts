/** JSON Schema as the forms read it: references followed, `allOf` joined. Pure. */
import type { Json, JsonObject } from "@/graph/workflow";

export type JsonSchema = { readonly [keyword: string]: unknown };

export function isSchema(value: unknown): value is JsonSchema {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

export function schemasOf(value: unknown): JsonSchema[] {
  return Array.isArray(value) ? value.filter(isSchema) : [];
}

/** The schema with its references followed; what stands beside a reference goes before what it leads to. */
export function resolve(schema: JsonSchema, root: JsonSchema, deep = 0): JsonSchema {
  if (deep > 20) return {};
  const { $ref, allOf, ...own } = schema;
  let found: JsonSchema = own;
  if (typeof $ref === "string") found = { ...resolve(follow($ref, root), root, deep + 1), ...own };
  for (const part of schemasOf(allOf)) found = join(resolve(part, root, deep + 1), found);
  return found;
}

function follow(ref: string, root: JsonSchema): JsonSchema {
  let found: unknown = root;
  for (const part of ref.replace(/^#\/?/, "").split("/").filter(Boolean)) {
    const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
    found = isSchema(found) ? found[key] : undefined;
  }
  return isSchema(found) ? found : {};
}

function join(base: JsonSchema, over: JsonSchema): JsonSchema {
  const properties = { ...(base.properties as object), ...(over.properties as object) };
  const required = [...new Set([...textsOf(base.required), ...textsOf(over.required)])];
  return {
    ...base,
    ...over,
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required } : {}),
  };
}

export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

export function propertiesOf(schema: JsonSchema): [string, JsonSchema][] {
  const { properties } = schema;
  return isSchema(properties)
    ? Object.entries(properties).filter((entry): entry is [string, JsonSchema] => isSchema(entry[1]))
    : [];
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function sameJson(one: Json | undefined, other: Json | undefined): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
