/** What a path of an expression leads to: a value of the last run, or what a schema says of it. */
import type { Json, JsonObject } from "@/graph/workflow";
import { kindOf, type ScopeEntry } from "./scope";
import type { Token } from "./tokens";

export interface Found {
  readonly value?: Json;
  readonly schema?: JsonObject;
}

/** A key that can follow, and what is there. */
export interface Key extends Found {
  readonly key: string;
}

type Step = string | number;

/** The steps of the chain that ends before token `end`, as `orders[0].lines`; null when it is no plain chain. */
export function chainBefore(tokens: readonly Token[], end: number): { root: string; steps: Step[] } | null {
  const steps: Step[] = [];
  let at = end - 1;
  for (;;) {
    const token = tokens[at];
    if (token?.text === "]") {
      const step = literal(tokens[at - 1]);
      if (step === null || tokens[at - 2]?.text !== "[") return null;
      steps.unshift(step);
      at -= 3;
    } else if (token?.kind === "name") {
      if (tokens[at - 1]?.text !== ".") return { root: token.text, steps };
      steps.unshift(token.text);
      at -= 2;
    } else return null;
  }
}

function literal(token: Token | undefined): Step | null {
  if (token?.kind === "number") return Number(token.text);
  if (token?.kind !== "text") return null;
  return token.text.slice(1, -1).replace(/\\(.)/g, "$1");
}

/** What a name is: bound by a comprehension (`for x in items`), or in scope. */
export function nameFound(
  name: string,
  tokens: readonly Token[],
  scope: readonly ScopeEntry[],
): Found | null {
  const bound = tokens.findIndex(
    (token, at) => token.text === name && tokens[at - 1]?.text === "for" && tokens[at + 1]?.text === "in",
  );
  if (bound >= 0) {
    let end = bound + 2;
    while (end < tokens.length && isChainToken(tokens, end)) end += 1;
    const chain = chainBefore(tokens, end);
    const list = chain && chain.root !== name ? chainFound(chain, tokens, scope) : null;
    return list === null ? {} : (stepInto(list, 0) ?? {});
  }
  return scope.find((entry) => entry.name === name) ?? null;
}

function isChainToken(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token === undefined) return false;
  if ([".", "[", "]"].includes(token.text)) return true;
  const before = tokens[at - 1]?.text ?? "";
  return [".", "[", "in"].includes(before) && token.kind !== "operator";
}

export function chainFound(
  chain: { root: string; steps: readonly Step[] },
  tokens: readonly Token[],
  scope: readonly ScopeEntry[],
): Found | null {
  let found = nameFound(chain.root, tokens, scope);
  for (const step of chain.steps) found = found && stepInto(found, step);
  return found;
}

function stepInto({ value, schema }: Found, step: Step): Found | null {
  const inner = innerValue(value, step);
  const described = innerSchema(schema, step);
  if (inner === undefined && described === undefined) return null;
  return {
    ...(inner === undefined ? {} : { value: inner }),
    ...(described === undefined ? {} : { schema: described }),
  };
}

function innerValue(value: Json | undefined, step: Step): Json | undefined {
  if (Array.isArray(value)) return typeof step === "number" ? value.at(step) : undefined;
  if (value === null || typeof value !== "object") return undefined;
  return Object.hasOwn(value, step) ? (value as JsonObject)[step] : undefined;
}

function innerSchema(schema: JsonObject | undefined, step: Step): JsonObject | undefined {
  const within =
    typeof step === "number" ? schema?.items : (schema?.properties as JsonObject | undefined)?.[step];
  return isObject(within) ? within : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

const MOST_KEYS = 300;

/** The keys of an object, those with values first. */
export function keysOf({ value, schema }: Found): Key[] {
  const keys = new Map<string, Key>();
  if (isObject(value)) {
    for (const key of Object.keys(value).slice(0, MOST_KEYS))
      keys.set(key, { key, value: value[key] ?? null });
  }
  const properties = isObject(schema?.properties) ? schema.properties : {};
  for (const [key, described] of Object.entries(properties)) {
    keys.set(key, { key, ...keys.get(key), ...(isObject(described) ? { schema: described } : {}) });
  }
  return [...keys.values()];
}

const SCHEMA_KINDS: Record<string, string> = {
  string: "text",
  integer: "number",
  number: "number",
  boolean: "boolean",
  array: "list",
  object: "object",
  null: "null",
};

/** The kind of what was found, in the words of the expression language; "unknown" when nobody can say. */
export function foundKind({ value, schema }: Found): string {
  if (value !== undefined) return kindOf(value);
  return SCHEMA_KINDS[String(schema?.type)] ?? "unknown";
}
