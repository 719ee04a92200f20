/** As much of JSON Schema as conditions on parameters need: whether a value has a shape. */
import type { Json, JsonObject } from "./workflow";

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function sameJson(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => sameJson(item, right[index]))
    );
  }
  if (!isObject(left) || !isObject(right)) return false;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && sameJson(left[name], right[name]))
  );
}

/** Whether `value` keeps `schema`. Keywords other than those below are taken as kept. */
export function satisfies(value: Json | undefined, schema: JsonObject): boolean {
  return Object.entries(schema).every(([keyword, rule]) => RULES[keyword]?.(value, rule) ?? true);
}

type Rule = (value: Json | undefined, rule: Json) => boolean;

const RULES: Readonly<Record<string, Rule>> = {
  const: (value, rule) => sameJson(value, rule),
  enum: (value, rule) => Array.isArray(rule) && rule.some((one: Json) => sameJson(value, one)),
  type: (value, rule) => (Array.isArray(rule) ? rule : [rule]).includes(typeOf(value)),
  required: (value, rule) =>
    !isObject(value) ||
    !Array.isArray(rule) ||
    rule.every((name: Json) => Object.hasOwn(value, String(name))),
  properties: (value, rule) =>
    !isObject(value) ||
    !isObject(rule) ||
    Object.entries(rule).every(
      ([name, inner]) => !Object.hasOwn(value, name) || !isObject(inner) || satisfies(value[name], inner),
    ),
  not: (value, rule) => isObject(rule) && !satisfies(value, rule),
  anyOf: (value, rule) => alternatives(rule).some((one) => satisfies(value, one)),
  allOf: (value, rule) => alternatives(rule).every((one) => satisfies(value, one)),
};

function alternatives(rule: Json): JsonObject[] {
  return Array.isArray(rule) ? rule.filter(isObject) : [];
}

function typeOf(value: Json | undefined): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
