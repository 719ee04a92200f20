/** Which fields a form shows first, and which wait under "More options". Pure. */
import type { Json, JsonObject } from "@/graph/workflow";
import { type JsonSchema, propertiesOf, resolve, schemasOf, textOf, textsOf } from "./schema";
import { meantFor } from "./words";

export interface FieldSpec {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

export interface Layout {
  readonly main: readonly FieldSpec[];
  readonly more: readonly FieldSpec[];
  /** How many of those under "More options" have a value. */
  readonly set: number;
}

const FEW = 4;

/** `common` are names that examples use. */
export function layOut(
  schema: JsonSchema,
  root: JsonSchema,
  value: JsonObject,
  common: ReadonlySet<string>,
): Layout {
  const required = new Set(textsOf(schema.required));
  const fields = propertiesOf(schema).map(([name, given]) => ({
    name,
    schema: { ...given, description: textOf(given.description) || textOf(resolve(given, root).description) },
    required: required.has(name),
  }));
  if (fields.length <= FEW) return { main: fields, more: [], set: 0 };
  const choices = choicesOf(fields, root, value);
  const main: FieldSpec[] = [];
  const more: FieldSpec[] = [];
  for (const field of fields) {
    const fits = fitsChoices(textOf(field.schema.description), choices);
    const first = field.required || fits === true || (fits === null && isFirst(field, common, choices));
    (first ? main : more).push(field);
  }
  if (main.length === 0)
    return { main: more.slice(0, FEW), more: more.slice(FEW), set: count(more.slice(FEW), value) };
  return { main: inOrder(main, fields), more, set: count(more, value) };
}

function isFirst(field: FieldSpec, common: ReadonlySet<string>, choices: Choices): boolean {
  return common.has(field.name) || choices.deciding.has(field.name) || namesConnection(field.schema);
}

function namesConnection(schema: JsonSchema): boolean {
  return [schema, ...schemasOf(schema.anyOf)].some((part) => part["x-wingbeat"] === "connection");
}

/** A connection leads, then what is needed, with the choice that stands right before it: GET and an address. */
function inOrder(main: readonly FieldSpec[], all: readonly FieldSpec[]): FieldSpec[] {
  const rank = (field: FieldSpec) => {
    if (namesConnection(field.schema) && field.required) return 0;
    const next = all[all.indexOf(field) + 1];
    const leads = Array.isArray(field.schema.enum) && next?.required === true;
    return field.required || leads ? 1 : 2;
  };
  const ranked = main.map((field) => ({ field, rank: rank(field) }));
  return ranked.sort((one, other) => one.rank - other.rank).map(({ field }) => field);
}

function count(fields: readonly FieldSpec[], value: JsonObject): number {
  return fields.filter(({ name }) => value[name] !== undefined).length;
}

interface Choices {
  /** Fields of which others say for which of their values they are meant. */
  readonly deciding: ReadonlySet<string>;
  readonly all: ReadonlySet<string>;
  readonly chosen: ReadonlySet<string>;
}

function choicesOf(fields: readonly FieldSpec[], root: JsonSchema, value: JsonObject): Choices {
  const wanted = new Set(fields.flatMap(({ schema }) => meantFor(textOf(schema.description))));
  const deciding = new Set<string>();
  const all = new Set<string>();
  const chosen = new Set<string>();
  for (const { name, schema } of fields) {
    const values = textsOf(resolve(schema, root).enum);
    if (!values.some((one) => wanted.has(one))) continue;
    deciding.add(name);
    for (const one of values) all.add(one);
    const current: Json | undefined = value[name] ?? (resolve(schema, root).default as Json | undefined);
    if (typeof current === "string") chosen.add(current);
  }
  return { deciding, all, chosen };
}

/** Whether a field is meant for what is chosen; null when it does not say for what it is meant. */
function fitsChoices(description: string, { all, chosen }: Choices): boolean | null {
  const wanted = meantFor(description).filter((one) => all.has(one));
  return wanted.length === 0 ? null : wanted.some((one) => chosen.has(one));
}
