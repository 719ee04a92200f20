/**
 * Two people's changes of one workflow brought together: what only one of them changed is taken, and what both changed
 * in different ways is a conflict, for somebody to choose. Where nodes are drawn is no conflict: one's own place counts.
 */
import { connectionId } from "./connections";
import { isObject, sameJson } from "./json-schema";
import { NODE_DEFAULTS } from "./node-defaults";
import type { Connection, Json, JsonObject, Workflow } from "./workflow";

export type Choice = "mine" | "theirs";

export interface Conflict {
  /** Tells conflicts apart, among the choices. */
  readonly key: string;
  /** The way to what is in conflict, as `["nodes", "check", "parameters", "limit"]`; the id stands for a node's place. */
  readonly path: readonly string[];
  /** In words, as `Parameter “limit” of “Check”`. */
  readonly what: string;
  /** Undefined where it is not there. */
  readonly base: Json | undefined;
  readonly mine: Json | undefined;
  readonly theirs: Json | undefined;
}

export interface Merged {
  readonly merged: Workflow;
  readonly conflicts: readonly Conflict[];
}

/** `choices` say what to take, by the keys of conflicts; mine, where they say nothing. */
export function merge(
  base: Workflow,
  mine: Workflow,
  theirs: Workflow,
  choices: ReadonlyMap<string, Choice> = new Map(),
): Merged {
  const merger = new Merger(base, mine, theirs, choices);
  return { merged: merger.workflow(), conflicts: merger.conflicts };
}

/** Three versions of one value, undefined where it is not there. */
interface Three {
  readonly base: Json | undefined;
  readonly mine: Json | undefined;
  readonly theirs: Json | undefined;
}

interface Item {
  readonly id: string;
}

interface Lists<Kind extends Item> {
  readonly base: readonly Kind[];
  readonly mine: readonly Kind[];
  readonly theirs: readonly Kind[];
}

/** Of nodes, notes and groups: changed by dragging, and not worth a question. */
const DRAWN = new Set(["position", "width", "height"]);

class Merger {
  readonly conflicts: Conflict[] = [];
  private readonly connectedByMe: ReadonlySet<string>;
  private readonly connectedByThem: ReadonlySet<string>;
  private readonly names: ReadonlyMap<string, string>;

  constructor(
    private readonly base: Workflow,
    private readonly mine: Workflow,
    private readonly theirs: Workflow,
    private readonly choices: ReadonlyMap<string, Choice>,
  ) {
    this.connectedByMe = newlyConnected(base.connections, mine.connections);
    this.connectedByThem = newlyConnected(base.connections, theirs.connections);
    const nodes = [...base.nodes, ...theirs.nodes, ...mine.nodes];
    this.names = new Map(nodes.map((node) => [node.id, node.name || node.id]));
  }

  workflow(): Workflow {
    const { base, mine, theirs } = this;
    const nodes = this.items(["nodes"], { base: base.nodes, mine: mine.nodes, theirs: theirs.nodes });
    const merged: Workflow = {
      ...mine,
      name: this.value(["name"], { base: base.name, mine: mine.name, theirs: theirs.name }) as string,
      nodes,
      connections: this.connections(new Set(nodes.map((node) => node.id))),
    };
    return { ...merged, ...this.optional() };
  }

  private optional(): Partial<Workflow> {
    const { base, mine, theirs } = this;
    const found: { -readonly [Field in keyof Workflow]?: Workflow[Field] } = {};
    const [a, b, c] = [base.description, mine.description, theirs.description];
    const description = this.value(["description"], { base: a, mine: b, theirs: c });
    if (description !== undefined) found.description = description as string;
    for (const field of ["settings", "global_variables"] as const) {
      const [old, own, other] = [base[field] ?? {}, mine[field] ?? {}, theirs[field] ?? {}];
      if (!mine[field] && !theirs[field]) continue;
      found[field] = this.value([field], { base: old, mine: own, theirs: other }) as JsonObject;
    }
    if (mine.annotations ?? theirs.annotations) found.annotations = this.annotations();
    return found;
  }

  private annotations(): NonNullable<Workflow["annotations"]> {
    const of = <Kind extends "notes" | "groups">(kind: Kind) => ({
      base: this.base.annotations?.[kind] ?? [],
      mine: this.mine.annotations?.[kind] ?? [],
      theirs: this.theirs.annotations?.[kind] ?? [],
    });
    const notes = this.items(["annotations", "notes"], of("notes"));
    const groups = this.items(["annotations", "groups"], of("groups"));
    const has = (kind: "notes" | "groups", found: readonly Item[]) =>
      found.length > 0 || this.mine.annotations?.[kind] !== undefined;
    return { ...(has("notes", notes) && { notes }), ...(has("groups", groups) && { groups }) } as NonNullable<
      Workflow["annotations"]
    >;
  }

  private items<Kind extends Item>(path: readonly string[], lists: Lists<Kind>): Kind[] {
    const [base, mine, theirs] = [byId(lists.base), byId(lists.mine), byId(lists.theirs)];
    return orderOf(lists).flatMap((id) => {
      const found = this.item([...path, id], {
        base: asJson(base.get(id)),
        mine: asJson(mine.get(id)),
        theirs: asJson(theirs.get(id)),
      });
      return found === undefined ? [] : [found as unknown as Kind];
    });
  }

  private item(path: readonly string[], three: Three): Json | undefined {
    const [kind, id = ""] = path;
    if (kind === "nodes" && three.base !== undefined) {
      const goneHere = three.mine === undefined && this.connectedByThem.has(id) && three.theirs !== undefined;
      const goneThere = three.theirs === undefined && this.connectedByMe.has(id) && three.mine !== undefined;
      // Somebody has drawn a connection to what the other took away: that is a change of it.
      if (goneHere || goneThere) return this.ask(path, three);
    }
    return this.value(path, three);
  }

  private value(path: readonly string[], three: Three): Json | undefined {
    const { base, mine, theirs } = three;
    const same = (one: Json | undefined, other: Json | undefined) =>
      sameJson(orDefault(path, one), orDefault(path, other));
    if (same(mine, theirs) || same(base, theirs)) return mine;
    if (same(base, mine)) return theirs;
    if (isObject(mine) && isObject(theirs) && !isDrawn(path)) {
      return this.object(path, isObject(base) ? base : {}, mine, theirs);
    }
    if (isDrawn(path)) return mine;
    if (Array.isArray(mine) && Array.isArray(theirs) && Array.isArray(base)) {
      if (mine.length === theirs.length && mine.length === base.length)
        return this.list(path, base, mine, theirs);
    }
    return this.ask(path, three);
  }

  private object(
    path: readonly string[],
    base: JsonObject,
    mine: JsonObject,
    theirs: JsonObject,
  ): JsonObject {
    const names = new Set([...Object.keys(mine), ...Object.keys(theirs)]);
    const merged: Record<string, Json> = {};
    for (const name of names) {
      const three = { base: own(base, name), mine: own(mine, name), theirs: own(theirs, name) };
      const value = this.value([...path, name], three);
      if (value !== undefined) merged[name] = value;
    }
    return merged;
  }

  private list(
    path: readonly string[],
    base: readonly Json[],
    mine: readonly Json[],
    theirs: readonly Json[],
  ): Json[] {
    return mine.map(
      (item, index) =>
        this.value([...path, String(index)], { base: base[index], mine: item, theirs: theirs[index] }) ??
        null,
    );
  }

  private ask(path: readonly string[], three: Three): Json | undefined {
    const key = JSON.stringify(path);
    this.conflicts.push({ key, path, what: this.describe(path), ...three });
    return this.choices.get(key) === "theirs" ? three.theirs : three.mine;
  }

  private connections(nodes: ReadonlySet<string>): Connection[] {
    const { base, mine, theirs } = this;
    const [old, own, other] = [base, mine, theirs].map(
      ({ connections }) => new Map(connections.map((connection) => [connectionId(connection), connection])),
    ) as [Map<string, Connection>, Map<string, Connection>, Map<string, Connection>];
    const all = new Map([...own, ...[...other].filter(([id]) => !own.has(id))]);
    const kept = [...all].filter(([id, connection]) => {
      const stays = old.has(id) ? this.stays(connection, own.has(id), other.has(id)) : true;
      return stays && nodes.has(connection.from) && nodes.has(connection.to);
    });
    return kept.map(([, connection]) => connection);
  }

  /** A connection goes when somebody cut it. That one's node went is no reason where it was chosen to stay. */
  private stays({ from, to }: Connection, here: boolean, there: boolean): boolean {
    const wentWith = (nodes: Workflow["nodes"]) => {
      const left = new Set(nodes.map(({ id }) => id));
      return !left.has(from) || !left.has(to);
    };
    return (here || wentWith(this.mine.nodes)) && (there || wentWith(this.theirs.nodes));
  }

  private describe([kind = "", id = "", ...rest]: readonly string[]): string {
    const called = `“${this.names.get(id) ?? id}”`;
    switch (kind) {
      case "nodes":
        return rest.length === 0 ? `Node ${called}` : `${fieldOf(rest)} of ${called}`;
      case "settings":
        return `Setting “${[id, ...rest].join(".")}”`;
      case "global_variables":
        return `Variable “${[id, ...rest].join(".")}”`;
      case "annotations":
        return id === "notes" ? "A note" : "A group";
      default:
        return kind === "name" ? "The workflow's name" : "The workflow's description";
    }
  }
}

const FIELDS: Readonly<Record<string, string>> = {
  name: "Name",
  notes: "Notes",
  type: "Type",
  disabled: "Whether it is disabled,",
  on_error: "What happens on errors",
  on_unknown: "What happens when the outcome is unknown",
  timeout_seconds: "Time limit",
  retry: "Retries",
  pinned_output: "Pinned output",
};

function fieldOf([field = "", ...rest]: readonly string[]): string {
  if (field !== "parameters") return FIELDS[field] ?? field;
  return rest.length === 0 ? "Parameters" : `Parameter “${rest.join(".")}”`;
}

/** The ids in one's own order, with what the other added after; in the other's where one's own is as it was. */
function orderOf<Kind extends Item>({ base, mine, theirs }: Lists<Kind>): string[] {
  const [old, own, other] = [base, mine, theirs].map((list) => list.map(({ id }) => id)) as [
    string[],
    string[],
    string[],
  ];
  const first = sameJson(old, own) ? other : own;
  return [...new Set([...first, ...own, ...other])];
}

function newlyConnected(before: readonly Connection[], after: readonly Connection[]): ReadonlySet<string> {
  const known = new Set(before.map(connectionId));
  const fresh = after.filter((connection) => !known.has(connectionId(connection)));
  return new Set(fresh.flatMap(({ from, to }) => [from, to]));
}

function isDrawn(path: readonly string[]): boolean {
  const [kind] = path;
  const field = kind === "annotations" ? path[3] : path[2];
  return (kind === "nodes" || kind === "annotations") && field !== undefined && DRAWN.has(field);
}

// The server leaves out what is the default, and somebody may have said it.
function orDefault([kind, , field, ...rest]: readonly string[], value: Json | undefined): Json | undefined {
  const isField = kind === "nodes" && field !== undefined && rest.length === 0;
  return isField && value === undefined ? NODE_DEFAULTS[field] : value;
}

function byId<Kind extends Item>(items: readonly Kind[]): ReadonlyMap<string, Kind> {
  return new Map(items.map((item) => [item.id, item]));
}

function own(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function asJson(value: unknown): Json | undefined {
  return value as Json | undefined;
}
