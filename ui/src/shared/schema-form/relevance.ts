/** Which fields of an object do something with the values that others have, and what becomes of those that do not. Pure. */
import { satisfies } from "@/graph/json-schema";
import type { Json, JsonObject } from "@/graph/workflow";
import { isObject, isSchema, type JsonSchema, propertiesOf, resolve } from "./schema";
import { dotted, type Path, setIn } from "./values";

const WHEN = "x-wingbeat-when";
const NEEDED = "x-wingbeat-needed-when";
/** A field that comes or goes may bring or take others with it. */
const MOST_ROUNDS = 5;

/** An object with the defaults of what it leaves out: what conditions go by. */
export function withDefaults(model: JsonSchema, root: JsonSchema, value: JsonObject): JsonObject {
  const whole: Record<string, Json> = {};
  for (const [name, schema] of propertiesOf(model))
    whole[name] = value[name] ?? ((resolve(schema, root).default ?? null) as Json);
  return whole;
}

/** Whether a field does something; one that says nothing of it always does. */
export function matters(schema: JsonSchema, whole: JsonObject): boolean {
  const rule = schema[WHEN];
  return !isObject(rule) || satisfies(whole, rule);
}

/** Whether it matters for some values of others only. */
export function isConditional(schema: JsonSchema): boolean {
  return conditionsIn(schema[WHEN]).length > 0;
}

/** Whether a field must be given with the values that others have. */
export function isNeeded(schema: JsonSchema, whole: JsonObject): boolean {
  const rule = schema[NEEDED];
  return isObject(rule) && satisfies(whole, rule);
}

/** The names of the fields that others go by. */
export function decidingNames(model: JsonSchema): ReadonlySet<string> {
  return new Set(propertiesOf(model).flatMap(([, schema]) => conditionsIn(schema[WHEN])));
}

function conditionsIn(rule: unknown): string[] {
  return isSchema(rule) && isSchema(rule.properties) ? Object.keys(rule.properties) : [];
}

/** What was typed into fields that do nothing now, by their dotted paths. */
export type Aside = Map<string, Json>;

interface Place {
  readonly model: JsonSchema;
  readonly root: JsonSchema;
  /** Of the object. */
  readonly path: Path;
  readonly aside: Aside;
}

/**
 * The object with another value in one field. What does nothing any more is put aside, and what was put aside earlier comes
 * back where it does something again; the others stay as they are.
 */
export function changed(before: JsonObject, name: string, next: Json | undefined, place: Place): JsonObject {
  let value = setIn(before, [name], next) as JsonObject;
  let [was, is] = [withDefaults(place.model, place.root, before), {} as JsonObject];
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    is = withDefaults(place.model, place.root, value);
    const settled = settle(value, was, is, place);
    if (settled === value) return value;
    [value, was] = [settled, is];
  }
  return value;
}

function settle(value: JsonObject, was: JsonObject, is: JsonObject, place: Place): JsonObject {
  let settled = value;
  for (const [name, schema] of propertiesOf(place.model)) {
    const [before, after] = [matters(schema, was), matters(schema, is)];
    if (before === after) continue;
    const key = dotted([...place.path, name]);
    const own = value[name];
    if (after && own === undefined && place.aside.has(key))
      settled = setIn(settled, [name], place.aside.get(key)) as JsonObject;
    if (after) place.aside.delete(key);
    else if (own !== undefined) {
      place.aside.set(key, own);
      settled = setIn(settled, [name], undefined) as JsonObject;
    }
  }
  return settled;
}
