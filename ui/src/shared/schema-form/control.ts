/** Which control a schema asks for. Pure: what is drawn for each kind is in controls/. */
import type { Json } from "@/graph/workflow";
import type { CodeLanguage } from "../code/types";
import { isSchema, type JsonSchema, propertiesOf, resolve, schemasOf, textOf, textsOf } from "./schema";
import { humanize } from "./words";

export type PickerKind = "connection" | "workflow" | "nodes" | "people" | "time-zone";

export interface Option {
  readonly value: Json;
  readonly label: string;
}

export interface Way {
  readonly label: string;
  readonly schema: JsonSchema;
}

export type Control =
  | { readonly kind: "text"; readonly long: boolean }
  | { readonly kind: "code"; readonly language: CodeLanguage }
  | { readonly kind: "number"; readonly integer: boolean }
  | { readonly kind: "duration" }
  | { readonly kind: "boolean" }
  | { readonly kind: "choice"; readonly options: readonly Option[] }
  | { readonly kind: "choices"; readonly options: readonly Option[] }
  | { readonly kind: "texts" }
  | { readonly kind: "list"; readonly item: JsonSchema }
  | { readonly kind: "object" }
  | { readonly kind: "map"; readonly values: JsonSchema }
  | { readonly kind: "union"; readonly ways: readonly Way[] }
  | { readonly kind: "any" }
  | { readonly kind: "expression" }
  | { readonly kind: "moment"; readonly input: "datetime-local" | "date" | "time" }
  | {
      readonly kind: "picker";
      readonly pick: PickerKind;
      readonly kinds: readonly string[];
      readonly many: boolean;
    };

export interface Shape {
  readonly control: Control;
  /** Resolved, without null and without "or text with braces". */
  readonly schema: JsonSchema;
  /** It may be written as an expression instead; so may what is in it. */
  readonly template: boolean;
  readonly nullable: boolean;
  /** Names that the node itself gives to an expression. */
  readonly names: readonly string[];
}

const PICKERS = new Set(["workflow", "people", "time-zone"]);
const LANGUAGES: Record<string, CodeLanguage> = {
  python: "python",
  javascript: "javascript",
  sql: "text",
  html: "text",
  json: "json",
};
const LONG = 1000;

/** How a field is drawn. `within` is a template that it is part of: all texts in it are templates. */
export function shapeOf(given: JsonSchema, root: JsonSchema, name = "", within = false): Shape {
  const outer = resolve(given, root);
  const isTemplate = outer["x-wingbeat"] === "template" || within;
  const { parts, nullable } = partsOf(outer, root, isTemplate);
  const marks = [outer, ...parts];
  const mark = (key: string) => marks.find((part) => part[key] !== undefined)?.[key];
  const schema = parts.length === 1 ? { ...parts[0], ...without(outer, ["anyOf", "oneOf", "type"]) } : outer;
  const marked = mark("x-wingbeat");
  return {
    control: controlOf(schema, parts, { mark, marked, name, isTemplate }, root),
    schema,
    template: isTemplate,
    nullable,
    names: textsOf(mark("x-wingbeat-names")),
  };
}

function without(schema: JsonSchema, keys: readonly string[]): JsonSchema {
  const drop = new Set(keys);
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !drop.has(key)));
}

/** What it may be: `anyOf` laid flat, without null and without the text with braces that any template may be. */
function partsOf(
  schema: JsonSchema,
  root: JsonSchema,
  isTemplate: boolean,
): { parts: JsonSchema[]; nullable: boolean } {
  const ways = [...schemasOf(schema.anyOf), ...schemasOf(schema.oneOf)];
  const types = Array.isArray(schema.type) ? textsOf(schema.type) : [];
  const found: JsonSchema[] =
    ways.length > 0
      ? ways.map((way) => resolve(way, root))
      : types.map((type) => ({ ...without(schema, ["type"]), type }));
  if (found.length === 0) return { parts: [without(schema, [])], nullable: schema.type === "null" };
  let nullable = false;
  const parts: JsonSchema[] = [];
  for (const part of found) {
    if (part.type === "null" || part.const === null) nullable = true;
    else if (isTemplate && isBraces(part)) continue;
    else if (part.anyOf || part.oneOf) {
      const inner = partsOf(part, root, isTemplate);
      nullable ||= inner.nullable;
      parts.push(...inner.parts);
    } else parts.push(part);
  }
  return { parts, nullable };
}

function isBraces(part: JsonSchema): boolean {
  return part.type === "string" && textOf(part.pattern).replaceAll("\\", "") === "{{";
}

interface About {
  mark: (key: string) => unknown;
  marked: unknown;
  name: string;
  isTemplate: boolean;
}

function controlOf(
  schema: JsonSchema,
  parts: readonly JsonSchema[],
  about: About,
  root: JsonSchema,
): Control {
  const editor = about.mark("x-wingbeat-editor");
  if (about.marked === "connection")
    return {
      kind: "picker",
      pick: "connection",
      kinds: textsOf(about.mark("x-wingbeat-kinds")),
      many: false,
    };
  if (about.marked === "node") return { kind: "picker", pick: "nodes", kinds: [], many: false };
  if (about.marked === "expression") return { kind: "expression" };
  if (typeof editor === "string" && PICKERS.has(editor)) {
    const many = parts.some((part) => part.type === "array");
    return { kind: "picker", pick: editor as PickerKind, kinds: [], many };
  }
  if (typeof editor === "string" && editor in LANGUAGES)
    return { kind: "code", language: LANGUAGES[editor] ?? "text" };
  if (editor === "long-text") return { kind: "text", long: true };
  if (parts.length > 1) return severalParts(parts, root);
  return singlePart(schema, about, root);
}

function severalParts(parts: readonly JsonSchema[], root: JsonSchema): Control {
  if (parts.every((part) => part.const !== undefined)) return { kind: "choice", options: optionsOf(parts) };
  const list = parts.find((part) => part.type === "array");
  const text = parts.find((part) => part.type === "string");
  // One text, or a list of them: a list says both.
  if (
    parts.length === 2 &&
    text &&
    list &&
    isSchema(list.items) &&
    resolve(list.items, root).type === "string"
  )
    return { kind: "list", item: list.items };
  return { kind: "union", ways: parts.map((part, at) => ({ label: wayLabel(part, at), schema: part })) };
}

function optionsOf(parts: readonly JsonSchema[]): Option[] {
  return parts.map((part) => {
    const value = part.const as Json;
    return { value, label: textOf(part.title) || valueLabel(value) };
  });
}

export function valueLabel(value: Json): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return /^[a-z][a-z0-9_]*$/.test(value) ? humanize(value) : value || "(empty)";
}

const TYPE_WORDS: Record<string, string> = {
  string: "Text",
  integer: "Whole number",
  number: "Number",
  boolean: "Yes or no",
  array: "List",
  object: "Fields",
};

/** What one of several ways is called: by the constant that tells it apart, its title, or its type. */
function wayLabel(part: JsonSchema, at: number): string {
  const constant = propertiesOf(part).find(([, property]) => property.const !== undefined)?.[1].const;
  if (constant !== undefined) return valueLabel(constant as Json);
  if (part.title) return humanize(textOf(part.title));
  return TYPE_WORDS[textOf(part.type)] ?? `Way ${at + 1}`;
}

function singlePart(schema: JsonSchema, about: About, root: JsonSchema): Control {
  if (Array.isArray(schema.enum)) {
    const options = (schema.enum as Json[]).filter((value) => value !== null);
    return { kind: "choice", options: options.map((value) => ({ value, label: valueLabel(value) })) };
  }
  if (schema.const !== undefined) return { kind: "choice", options: optionsOf([schema]) };
  switch (schema.type) {
    case "boolean":
      return { kind: "boolean" };
    case "integer":
    case "number":
      return /(^|_)seconds$/.test(about.name)
        ? { kind: "duration" }
        : { kind: "number", integer: schema.type === "integer" };
    case "string":
      return stringControl(schema);
    case "array":
      return arrayControl(schema, about.isTemplate, root);
    case "object":
      return objectControl(schema);
    default:
      return propertiesOf(schema).length > 0 ? { kind: "object" } : { kind: "any" };
  }
}

function stringControl(schema: JsonSchema): Control {
  if (schema.format === "date-time") return { kind: "moment", input: "datetime-local" };
  if (schema.format === "date") return { kind: "moment", input: "date" };
  if (schema.format === "time") return { kind: "moment", input: "time" };
  const most = typeof schema.maxLength === "number" ? schema.maxLength : 0;
  return { kind: "text", long: most > LONG && schema.pattern === undefined && schema.format === undefined };
}

function arrayControl(schema: JsonSchema, isTemplate: boolean, root: JsonSchema): Control {
  const item = isSchema(schema.items) ? schema.items : {};
  const resolved = resolve(item, root);
  if (Array.isArray(resolved.enum)) {
    const options = (resolved.enum as Json[]).map((value) => ({ value, label: valueLabel(value) }));
    return { kind: "choices", options };
  }
  if (resolved["x-wingbeat"] === "node") return { kind: "picker", pick: "nodes", kinds: [], many: true };
  if (resolved.type === "string" && !isTemplate && !resolved["x-wingbeat"]) return { kind: "texts" };
  return { kind: "list", item };
}

function objectControl(schema: JsonSchema): Control {
  if (propertiesOf(schema).length > 0) return { kind: "object" };
  const values = schema.additionalProperties;
  return { kind: "map", values: isSchema(values) ? values : {} };
}
