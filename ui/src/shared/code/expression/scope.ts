/** What an expression may use, as completion, preview and the tree of data see it. Where it comes from is the caller's matter. */
import type { Json, JsonObject } from "@/graph/workflow";

/** A name in scope: with the value of the last run, or else with the schema of what it will be. */
export interface ScopeEntry {
  readonly name: string;
  readonly help: string;
  readonly value?: Json;
  readonly schema?: JsonObject;
}

export interface ExpressionFunction {
  readonly name: string;
  readonly aliases: readonly string[];
  /** Kinds of value, as "text" or "list". */
  readonly on: readonly string[];
  /** As `split(separator?: text, limit?: integer)`. */
  readonly signature: string;
  readonly help: string;
  readonly example: string;
  readonly result: Json;
}

export type Mode = "template" | "expression";

export interface PreviewRequest {
  readonly text: string;
  readonly mode: Mode;
  /** Names that the node itself gives to the expression. */
  readonly names: readonly string[];
}

export type Preview =
  | { readonly ok: true; readonly value: Json; readonly note?: string }
  | {
      readonly ok: false;
      readonly message: string;
      readonly remedy: string;
      /** The offset of the first character at fault, from 0. */
      readonly position: number | null;
      /** What was meant, maybe. */
      readonly closest: string | null;
    };

export interface ExpressionHelp {
  /** What is known of names that the node itself gives to its expressions, as the `item` of a list. */
  readonly own?: ReadonlyMap<string, ScopeEntry>;
  readonly scope: readonly ScopeEntry[];
  readonly functions: readonly ExpressionFunction[];
  /** Null where nothing can be said before a run. */
  readonly preview: ((request: PreviewRequest, signal: AbortSignal) => Promise<Preview | null>) | null;
}

export const NO_HELP: ExpressionHelp = { scope: [], functions: [], preview: null };

/** The place of a value within another: keys of objects and places of lists. */
export type DataPath = readonly (string | number)[];

const IDENTIFIER = /^[\p{L}_][\p{L}\p{N}_]*$/u;

/** The expression that looks a path up: `nodes.fetch.body[0]['first name']`. */
export function pathExpression(path: DataPath): string {
  return path
    .map((part, place) => {
      if (typeof part === "number") return `[${part}]`;
      if (!IDENTIFIER.test(part)) return `[${quote(part)}]`;
      return place === 0 ? part : `.${part}`;
    })
    .join("");
}

export function isIdentifier(text: string): boolean {
  return IDENTIFIER.test(text);
}

export function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n")}'`;
}

/** The kind of a value, in the words of the expression language. */
export function kindOf(value: Json | undefined): string {
  if (value === undefined) return "unknown";
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (typeof value === "string") return "text";
  return typeof value === "object" ? "object" : typeof value;
}

const SAMPLE_LENGTH = 60;

/** A value on one line, cut off where it is long. */
export function sample(value: Json | undefined): string {
  if (value === undefined) return "";
  if (Array.isArray(value) && value.length > 3)
    return `list of ${value.length} · ${cut(JSON.stringify(value[0]), 32)}`;
  return cut(typeof value === "string" ? `"${value.slice(0, 200)}"` : shallow(value), SAMPLE_LENGTH);
}

function shallow(value: Json): string {
  if (value === null || typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map(brief).join(", ")}]`;
  const entries = Object.entries(value).slice(0, 8);
  return `{ ${entries.map(([key, inner]) => `${key}: ${brief(inner as Json)}`).join(", ")} }`;
}

function brief(value: Json): string {
  if (typeof value === "string") return `"${value.slice(0, 40)}"`;
  if (value !== null && typeof value === "object") return Array.isArray(value) ? "[…]" : "{…}";
  return String(value);
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
