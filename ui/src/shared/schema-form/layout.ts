/** Which fields a form shows first, which wait under "More options", and which do nothing now and are not shown. Pure. */
import type { JsonObject } from "@/graph/workflow";
import { decidingNames, isConditional, isNeeded, matters, withDefaults } from "./relevance";
import { type JsonSchema, propertiesOf, resolve, schemasOf, textOf, textsOf } from "./schema";

export interface FieldSpec {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
  /** It must be given with the values that others have. */
  readonly needed: boolean;
}

export interface Layout {
  readonly main: readonly FieldSpec[];
  readonly more: readonly FieldSpec[];
  /** How many of those under "More options" have a value. */
  readonly set: number;
  /** Fields with a value that does nothing. */
  readonly idle: readonly FieldSpec[];
}

const FEW = 4;
/** Where more than these would come first, those that are only there for what is chosen wait with the others. */
const MANY = 8;

/** `common` are names that examples use. */
export function layOut(
  schema: JsonSchema,
  root: JsonSchema,
  value: JsonObject,
  common: ReadonlySet<string>,
): Layout {
  const required = new Set(textsOf(schema.required));
  const whole = withDefaults(schema, root, value);
  const all = propertiesOf(schema).map(([name, given]) => ({
    name,
    schema: { ...given, description: textOf(given.description) || textOf(resolve(given, root).description) },
    required: required.has(name),
    needed: isNeeded(given, whole),
  }));
  const fields = all.filter((field) => matters(field.schema, whole));
  const idle = all.filter((field) => value[field.name] !== undefined && !fields.includes(field));
  const deciding = decidingNames(schema);
  if (fields.length <= FEW) return { main: inOrder(fields, all, deciding), more: [], set: 0, idle };
  const isFirst = (field: FieldSpec) =>
    field.required ||
    field.needed ||
    common.has(field.name) ||
    deciding.has(field.name) ||
    namesConnection(field.schema);
  const chosen = fields.filter((field) => isFirst(field) || isConditional(field.schema));
  const main = chosen.length > MANY ? fields.filter(isFirst) : chosen;
  const more = fields.filter((field) => !main.includes(field));
  if (main.length === 0)
    return { main: more.slice(0, FEW), more: more.slice(FEW), set: count(more.slice(FEW), value), idle };
  return { main: inOrder(main, all, deciding), more, set: count(more, value), idle };
}

function namesConnection(schema: JsonSchema): boolean {
  return [schema, ...schemasOf(schema.anyOf)].some((part) => part["x-wingbeat"] === "connection");
}

/**
 * A connection leads, then what is needed, with the choice that stands right before it: GET and an address. What is needed
 * for what is chosen comes after the choice.
 */
function inOrder(
  main: readonly FieldSpec[],
  all: readonly FieldSpec[],
  deciding: ReadonlySet<string>,
): FieldSpec[] {
  const rank = (field: FieldSpec) => {
    if (namesConnection(field.schema) && field.required) return 0;
    const next = all[all.indexOf(field) + 1];
    const leads = Array.isArray(field.schema.enum) && next?.required === true;
    if (field.required || leads) return 1;
    const chooses =
      deciding.has(field.name) && Array.isArray(field.schema.enum) && !isConditional(field.schema);
    return chooses ? 2 : field.needed ? 3 : 4;
  };
  const ranked = main.map((field) => ({ field, rank: rank(field) }));
  return ranked.sort((one, other) => one.rank - other.rank).map(({ field }) => field);
}

function count(fields: readonly FieldSpec[], value: JsonObject): number {
  return fields.filter(({ name }) => value[name] !== undefined).length;
}
