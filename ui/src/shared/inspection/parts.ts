/** A value of which parts come later: what is there, and where something is missing. Pure. */
import type { components } from "@/shared/api/schema";

export type Excerpt = components["schemas"]["ExcerptShape"];
type Cut = Excerpt["cuts"][number];

export interface Partial {
  readonly value: unknown;
  /** By JSON pointer. */
  readonly cuts: ReadonlyMap<string, Cut>;
}

/** A value that is there as a whole, as an excerpt of itself. */
export function wholeOf(value: unknown): Excerpt {
  const entries = entriesOf(value);
  const length = entries?.length ?? (typeof value === "string" ? value.length : null);
  return { kind: kindOf(value), length, value, cuts: [] };
}

function kindOf(value: unknown): Excerpt["kind"] {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "list";
  if (typeof value === "string") return "text";
  if (typeof value === "boolean") return "boolean";
  return typeof value === "number" ? "number" : "object";
}

export function partialOf(excerpt: Pick<Excerpt, "value" | "cuts">): Partial {
  return { value: excerpt.value, cuts: new Map(excerpt.cuts.map((cut) => [cut.path, cut])) };
}

/** The value with a further part, which was read at a path from where its beginning had ended. */
export function withPart(partial: Partial, path: string, part: Pick<Excerpt, "value" | "cuts">): Partial {
  const cuts = new Map(partial.cuts);
  cuts.delete(path);
  for (const cut of part.cuts) cuts.set(cut.path, cut);
  return { value: changedAt(partial.value, stepsOf(path), (there) => joined(there, part.value)), cuts };
}

/** The names on the way that a JSON pointer says. */
export function stepsOf(path: string): string[] {
  return path
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

export function pointerOf(path: string, name: string | number): string {
  return `${path}/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function changedAt(value: unknown, steps: readonly string[], change: (there: unknown) => unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return change(value);
  if (Array.isArray(value)) {
    return value.map((item, place) => (place === Number(step) ? changedAt(item, rest, change) : item));
  }
  if (isObject(value)) return { ...value, [step]: changedAt(value[step], rest, change) };
  return value;
}

function joined(there: unknown, part: unknown): unknown {
  if (Array.isArray(there) && Array.isArray(part)) return [...there, ...part];
  if (typeof there === "string" && typeof part === "string") return there + part;
  if (isObject(there) && isObject(part)) return { ...there, ...part };
  return part;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export interface TreeRow {
  readonly path: string;
  readonly depth: number;
  readonly name: string | number | null;
  readonly kind: "open" | "closed" | "leaf" | "more";
  readonly value: unknown;
  /** How many items it has, of a list or object. */
  readonly count: number;
  readonly cut?: Cut;
}

/** The lines of a tree of which only some places are open: as many as are seen, however large the value. */
export function treeRows(partial: Partial, isOpen: (path: string, depth: number) => boolean): TreeRow[] {
  const rows: TreeRow[] = [];
  const add = (value: unknown, path: string, name: string | number | null, depth: number): void => {
    const entries = entriesOf(value);
    const cut = partial.cuts.get(path);
    if (entries === null || (entries.length === 0 && !cut)) {
      rows.push({ path, depth, name, kind: "leaf", value, count: 0, ...(cut && { cut }) });
      return;
    }
    const count = cut?.length ?? entries.length;
    const open = isOpen(path, depth);
    rows.push({ path, depth, name, kind: open ? "open" : "closed", value, count });
    if (!open) return;
    for (const [key, item] of entries) add(item, pointerOf(path, key), key, depth + 1);
    if (cut) rows.push({ path, depth: depth + 1, name: null, kind: "more", value, count, cut });
  };
  add(partial.value, "", null, 0);
  return rows;
}

function entriesOf(value: unknown): [string | number, unknown][] | null {
  if (Array.isArray(value)) return value.map((item, place) => [place, item]);
  return isObject(value) ? Object.entries(value) : null;
}

export interface TableData {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

const MOST_COLUMNS = 30;

/** A list of objects by their fields, an object by its names, any other list by its places; null for single values. */
export function tableOf(value: unknown): TableData | null {
  if (isObject(value)) return { columns: ["name", "value"], rows: Object.entries(value) };
  if (!Array.isArray(value)) return null;
  if (value.length > 0 && value.every(isObject)) {
    const columns = [...new Set(value.flatMap((item) => Object.keys(item)))].slice(0, MOST_COLUMNS);
    return { columns, rows: value.map((item) => columns.map((column) => item[column])) };
  }
  return { columns: ["#", "value"], rows: value.map((item, place) => [place, item]) };
}

export interface Difference {
  readonly path: string;
  readonly kind: "added" | "removed" | "changed";
  readonly before: unknown;
  readonly after: unknown;
}

const MOST_DIFFERENCES = 500;

/** Where two values differ, by JSON pointer; lists are compared place by place. */
export function differences(before: unknown, after: unknown): Difference[] {
  const found: Difference[] = [];
  compare(before, after, "", found);
  return found;
}

function compare(before: unknown, after: unknown, path: string, found: Difference[]): void {
  if (found.length >= MOST_DIFFERENCES || Object.is(before, after)) return;
  const [one, other] = [entriesOf(before), entriesOf(after)];
  if (one === null || other === null || Array.isArray(before) !== Array.isArray(after)) {
    if (JSON.stringify(before) !== JSON.stringify(after))
      found.push({ path, kind: "changed", before, after });
    return;
  }
  const theirs = new Map(other);
  for (const [name, value] of one) {
    const at = pointerOf(path, name);
    if (theirs.has(name)) compare(value, theirs.get(name), at, found);
    else found.push({ path: at, kind: "removed", before: value, after: undefined });
  }
  const ours = new Set(one.map(([name]) => name));
  for (const [name, value] of other) {
    if (!ours.has(name))
      found.push({ path: pointerOf(path, name), kind: "added", before: undefined, after: value });
  }
}

/** A value in one line. */
export function shortly(value: unknown, most = 120): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
