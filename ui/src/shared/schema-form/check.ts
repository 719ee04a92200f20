/** What is wrong with a value before the server is asked, in words. Texts with braces are known only at run time. Pure. */
import type { Json } from "@/graph/workflow";
import { hasExpression } from "../code/expression/tokens";
import { type Shape, shapeOf } from "./control";
import { isObject, isSchema, type JsonSchema, numberOf, resolve, textOf, textsOf } from "./schema";

/** The first thing that is wrong with a value itself, not with what is in it; null when it fits. */
export function faultOf(value: Json | undefined, shape: Shape): string | null {
  if (value === undefined) return null;
  if (value === null) return shape.nullable || shape.control.kind === "any" ? null : "It must not be null.";
  if (typeof value === "string") {
    if (shape.template && hasExpression(value)) return null;
    return textFault(value, shape);
  }
  if (typeof value === "number") return numberFault(value, shape);
  if (Array.isArray(value)) return countFault(value.length, shape.schema);
  return null;
}

function textFault(value: string, { schema, control }: Shape): string | null {
  if (schema.type !== "string")
    return control.kind === "number" || control.kind === "duration" ? "It must be a number." : null;
  const least = numberOf(schema.minLength) ?? 0;
  const most = numberOf(schema.maxLength) ?? Number.POSITIVE_INFINITY;
  if (value.length < least)
    return least === 1 ? "It must not be empty." : `It needs at least ${least} characters.`;
  if (value.length > most) return `It has ${value.length} characters; ${most} are the most.`;
  const pattern = patternOf(schema);
  if (pattern && !pattern.test(value))
    return `It does not have the form that is asked for: ${textOf(schema.pattern)}`;
  return null;
}

function patternOf(schema: JsonSchema): RegExp | null {
  try {
    return typeof schema.pattern === "string" ? new RegExp(schema.pattern, "u") : null;
  } catch {
    return null;
  }
}

function numberFault(value: number, { schema, control }: Shape): string | null {
  if (control.kind === "number" && control.integer && !Number.isInteger(value))
    return "It must be a whole number.";
  const least = numberOf(schema.minimum);
  const above = numberOf(schema.exclusiveMinimum);
  const most = numberOf(schema.maximum);
  if (least !== undefined && value < least) return `It must be at least ${least}.`;
  if (above !== undefined && value <= above) return `It must be more than ${above}.`;
  if (most !== undefined && value > most) return `It must be at most ${most.toLocaleString("en")}.`;
  return null;
}

function countFault(length: number, schema: JsonSchema): string | null {
  const least = numberOf(schema.minItems) ?? 0;
  const most = numberOf(schema.maxItems) ?? Number.POSITIVE_INFINITY;
  if (length < least) return least === 1 ? "Add at least one." : `Add at least ${least}.`;
  return length > most ? `At most ${most} are possible.` : null;
}

/** Whether a value could be of a schema: its kind, the constants that tell objects apart, and what they need. */
export function couldBe(value: Json, given: JsonSchema, root: JsonSchema): boolean {
  const schema = resolve(given, root);
  if (schema.const !== undefined) return schema.const === value;
  if (Array.isArray(schema.enum)) return schema.enum.includes(value);
  if (!fitsType(value, textOf(schema.type))) return false;
  if (!isObject(value)) return true;
  if (textsOf(schema.required).some((name) => !(name in value) && constantOf(schema, name) === undefined))
    return false;
  return Object.entries(value).every(([name, inner]) => {
    const constant = constantOf(schema, name);
    return constant === undefined || constant === inner;
  });
}

function constantOf(schema: JsonSchema, name: string): unknown {
  const property = isSchema(schema.properties) ? schema.properties[name] : undefined;
  return isSchema(property) ? property.const : undefined;
}

function fitsType(value: Json, type: string): boolean {
  if (type === "") return true;
  if (type === "integer" || type === "number") return typeof value === "number";
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  return type === "null" ? value === null : typeof value === type;
}

/** A value to begin with: what a schema must have, and constants. */
export function startOf(given: JsonSchema, root: JsonSchema): Json {
  const schema = resolve(given, root);
  if (schema.const !== undefined) return schema.const as Json;
  if (schema.default !== undefined && schema.default !== null) return schema.default as Json;
  const { control } = shapeOf(schema, root);
  switch (control.kind) {
    case "boolean":
      return false;
    case "number":
    case "duration":
      return numberOf(schema.minimum) ?? 0;
    case "choice":
      return control.options[0]?.value ?? "";
    case "list":
    case "texts":
    case "choices":
      return [];
    case "map":
      return {};
    case "object":
      return startObject(schema, root);
    default:
      return "";
  }
}

function startObject(schema: JsonSchema, root: JsonSchema): Json {
  const properties = isSchema(schema.properties) ? schema.properties : {};
  const constants = Object.keys(properties).filter(
    (name) => constantOf(resolve(schema, root), name) !== undefined,
  );
  return Object.fromEntries(constants.map((name) => [name, constantOf(schema, name) as Json]));
}
