/** What differs between two definitions, as people would say it: nodes that came, went, changed or moved, and so on. */
import { connectionId } from "./connections";
import { isObject, sameJson } from "./json-schema";
import { NODE_DEFAULTS } from "./node-defaults";
import type { Connection, Group, Json, StickyNote, Workflow, WorkflowNode } from "./workflow";

/** One value that differs. Undefined where there is none. */
export interface ValueChange {
  /** The way to it, as `["parameters", "cases", "0", "when"]`. */
  readonly path: readonly string[];
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

export interface Changed<Item> {
  readonly before: Item;
  readonly after: Item;
  readonly values: readonly ValueChange[];
}

export interface Difference<Item> {
  readonly added: readonly Item[];
  readonly removed: readonly Item[];
  readonly changed: readonly Changed<Item>[];
}

export interface WorkflowDifference {
  readonly nodes: Difference<WorkflowNode>;
  /** Nodes that are elsewhere on the canvas; it changes nothing of what runs. */
  readonly moved: readonly { readonly before: WorkflowNode; readonly after: WorkflowNode }[];
  readonly connections: { readonly added: readonly Connection[]; readonly removed: readonly Connection[] };
  /** Name, description, settings and variables. */
  readonly values: readonly ValueChange[];
  readonly notes: Difference<StickyNote>;
  readonly groups: Difference<Group>;
}

export function diff(before: Workflow, after: Workflow): WorkflowDifference {
  const kept = pairs(before.nodes, after.nodes);
  return {
    nodes: compare(before.nodes, after.nodes, nodeChanges),
    moved: kept.filter((pair) => !sameJson(asJson(pair.before.position), asJson(pair.after.position))),
    connections: {
      added: missingFrom(before.connections, after.connections),
      removed: missingFrom(after.connections, before.connections),
    },
    values: [
      ...valueChanges(before.name, after.name, ["name"]),
      ...valueChanges(before.description || undefined, after.description || undefined, ["description"]),
      ...valueChanges(before.settings ?? {}, after.settings ?? {}, ["settings"]),
      ...valueChanges(before.global_variables ?? {}, after.global_variables ?? {}, ["global_variables"]),
    ],
    notes: compare(before.annotations?.notes ?? [], after.annotations?.notes ?? [], itemChanges),
    groups: compare(before.annotations?.groups ?? [], after.annotations?.groups ?? [], itemChanges),
  };
}

/** How many things differ, moved nodes included. */
export function countDifferences(difference: WorkflowDifference): number {
  const { nodes, moved, connections, values, notes, groups } = difference;
  const items = [nodes, notes, groups].map(
    ({ added, removed, changed }) => added.length + removed.length + changed.length,
  );
  const others = [moved, connections.added, connections.removed, values].map((list) => list.length);
  return [...items, ...others].reduce((sum, count) => sum + count, 0);
}

/** All values within that differ. Lists of the same length are compared place by place, others as a whole. */
export function valueChanges(
  before: Json | undefined,
  after: Json | undefined,
  path: readonly string[] = [],
): ValueChange[] {
  if (sameJson(before, after)) return [];
  if (isObject(before) && isObject(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) => valueChanges(before[name], after[name], [...path, name]));
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item: Json, index) => valueChanges(item, after[index], [...path, String(index)]));
  }
  return [{ path, before, after }];
}

function compare<Item extends { readonly id: string }>(
  before: readonly Item[],
  after: readonly Item[],
  changes: (before: Item, after: Item) => ValueChange[],
): Difference<Item> {
  const old = new Set(before.map(({ id }) => id));
  const now = new Set(after.map(({ id }) => id));
  return {
    added: after.filter(({ id }) => !old.has(id)),
    removed: before.filter(({ id }) => !now.has(id)),
    changed: pairs(before, after)
      .map((pair) => ({ ...pair, values: changes(pair.before, pair.after) }))
      .filter(({ values }) => values.length > 0),
  };
}

function pairs<Item extends { readonly id: string }>(before: readonly Item[], after: readonly Item[]) {
  const old = new Map(before.map((item) => [item.id, item]));
  return after.flatMap((item) => {
    const other = old.get(item.id);
    return other && other !== item ? [{ before: other, after: item }] : [];
  });
}

function nodeChanges(before: WorkflowNode, after: WorkflowNode): ValueChange[] {
  const { position: _from, ...old } = before;
  const { position: _to, ...now } = after;
  return valueChanges(asJson({ ...NODE_DEFAULTS, ...old }), asJson({ ...NODE_DEFAULTS, ...now }));
}

function itemChanges(before: StickyNote | Group, after: StickyNote | Group): ValueChange[] {
  return valueChanges(asJson(before), asJson(after));
}

function missingFrom(known: readonly Connection[], connections: readonly Connection[]): Connection[] {
  const ids = new Set(known.map(connectionId));
  return connections.filter((connection) => !ids.has(connectionId(connection)));
}

function asJson(value: unknown): Json | undefined {
  return value as Json | undefined;
}
