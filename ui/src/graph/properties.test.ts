/** What holds for any workflow and any sequence of commands. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addGroup, addNote, moveSelection, newGroup, newNote, ungroup } from "./commands/annotations";
import { align, distribute, snap } from "./commands/arrange";
import { copy, duplicate, paste } from "./commands/clipboard";
import { connect, disconnect, insertOnConnection, reconnect, removeAndBridge } from "./commands/connections";
import {
  addNode,
  type Command,
  newNode,
  pin,
  removeSelection,
  renameNodeId,
  setDisabled,
  setNodeField,
  setParameters,
} from "./commands/nodes";
import { connectionId } from "./connections";
import { countDifferences, diff } from "./diff";
import { TYPES } from "./fixtures";
import { begin, record, redo, undo } from "./history";
import { merge } from "./merge";
import { selectionOf } from "./selection";
import type { Workflow } from "./workflow";

type Step = (at: readonly number[], text: string) => Command;

const types = [...TYPES.values()];
const pick = <Item>(items: readonly Item[], number = 0) => items[number % Math.max(items.length, 1)];
const idAt = ({ nodes }: Workflow, number?: number) => pick(nodes, number)?.id ?? "none";
const edgeAt = ({ connections }: Workflow, number?: number) => {
  const found = pick(connections, number);
  return found ? connectionId(found) : "none";
};
const some = (workflow: Workflow, at: readonly number[]) =>
  selectionOf({
    nodes: at.map((number) => idAt(workflow, number)),
    annotations: at.flatMap((number) => pick(workflow.annotations?.notes ?? [], number)?.id ?? []),
  });
const ends = (workflow: Workflow, [a, b]: readonly number[]) =>
  [
    { node: idAt(workflow, a), port: "out" },
    { node: idAt(workflow, b), port: "in" },
  ] as const;

function fresh(workflow: Workflow, [a = 0, b = 0]: readonly number[]) {
  const type = pick(types, a);
  if (!type) throw new Error("There are types.");
  return newNode(workflow, type, { x: a, y: b });
}

const STEPS: Readonly<Record<string, Step>> = {
  add: (at) => (workflow) => addNode(fresh(workflow, at))(workflow),
  connect: (at) => (workflow) =>
    workflow.nodes.length === 0 ? workflow : connect(...ends(workflow, at))(workflow),
  disconnect:
    ([a]) =>
    (workflow) =>
      disconnect(new Set([edgeAt(workflow, a)]))(workflow),
  reconnect: (at) => (workflow) =>
    workflow.connections.length === 0
      ? workflow
      : reconnect(edgeAt(workflow, at[0]), ...ends(workflow, at.slice(1)))(workflow),
  insert: (at) => (workflow) =>
    insertOnConnection(edgeAt(workflow, at[2]), fresh(workflow, at), TYPES)(workflow),
  remove:
    ([a = 0]) =>
    (workflow) =>
      removeSelection(some(workflow, [a]))(workflow),
  bridge:
    ([a]) =>
    (workflow) =>
      removeAndBridge(idAt(workflow, a))(workflow),
  duplicate: (at) => (workflow) => duplicate(workflow, some(workflow, at), TYPES)?.workflow ?? workflow,
  paste: (at) => (workflow) => {
    const clip = copy(workflow, some(workflow, at));
    return clip ? paste(workflow, clip, TYPES, { x: at[0] ?? 0, y: 0 }).workflow : workflow;
  },
  rename:
    ([a, b]) =>
    (workflow) =>
      renameNodeId(idAt(workflow, a), `n${b}`, TYPES)(workflow),
  parameter:
    ([a, b], text) =>
    (workflow) =>
      setParameters(idAt(workflow, a), ["p", `k${b}`], text, TYPES)(workflow),
  field:
    ([a], text) =>
    (workflow) =>
      setNodeField(idAt(workflow, a), "notes", text || undefined)(workflow),
  disable:
    ([a = 0, b = 0]) =>
    (workflow) =>
      setDisabled(new Set([idAt(workflow, a)]), b % 2 === 0)(workflow),
  pin:
    ([a], text) =>
    (workflow) =>
      pin(idAt(workflow, a), text || undefined)(workflow),
  move: (at) => (workflow) =>
    moveSelection(some(workflow, at), { x: at[0] ?? 0, y: at[1] ?? 0 }, TYPES)(workflow),
  align: (at) => (workflow) => align(some(workflow, at).nodes, "left", TYPES)(workflow),
  distribute: (at) => (workflow) => distribute(some(workflow, at).nodes, "vertical", TYPES)(workflow),
  snap: (at) => (workflow) => snap(some(workflow, at).nodes)(workflow),
  note:
    ([a = 0]) =>
    (workflow) =>
      addNote(newNote(workflow, { x: a, y: a }))(workflow),
  group: (at) => (workflow) => {
    const group = newGroup(workflow, some(workflow, at), TYPES);
    return group ? addGroup(group)(workflow) : workflow;
  },
  ungroup:
    ([a]) =>
    (workflow) =>
      ungroup(new Set([pick(workflow.annotations?.groups ?? [], a)?.id ?? ""]))(workflow),
};

const EMPTY: Workflow = { name: "W", nodes: [], connections: [] };
const command = fc
  .tuple(
    fc.constantFrom(...Object.values(STEPS)),
    fc.array(fc.nat(50), { minLength: 3, maxLength: 4 }),
    fc.string(),
  )
  .map(([step, at, text]) => step(at, text));
const commands = fc.array(command, { maxLength: 25 });
const run = (all: readonly Command[], workflow = EMPTY) => all.reduce((now, one) => one(now), workflow);

describe("any sequence of commands", () => {
  it("leaves no connection without its nodes, no id twice, and no connection twice", () => {
    fc.assert(
      fc.property(commands, (all) => {
        const { nodes, connections, annotations } = run(all);
        const ids = new Set(nodes.map(({ id }) => id));
        expect(ids.size).toBe(nodes.length);
        expect(connections.filter(({ from, to }) => !ids.has(from) || !ids.has(to))).toEqual([]);
        expect(new Set(connections.map(connectionId)).size).toBe(connections.length);
        const drawn = [...(annotations?.notes ?? []), ...(annotations?.groups ?? [])].map(({ id }) => id);
        expect(new Set(drawn).size).toBe(drawn.length);
      }),
    );
  });

  it("can be undone to what was before, and done again", () => {
    fc.assert(
      fc.property(commands, (all) => {
        let history = begin(EMPTY);
        for (const one of all) history = record(history, one(history.present), "change");
        const last = history.present;
        for (const _ of all) history = undo(history);
        expect(history.present).toBe(EMPTY);
        for (const _ of all) history = redo(history);
        expect(history.present).toBe(last);
      }),
    );
  });
});

describe("any two people", () => {
  it("get one's changes where the other has none", () => {
    fc.assert(
      fc.property(commands, commands, (before, after) => {
        const base = run(before);
        const changed = run(after, base);
        expect(merge(base, changed, base)).toEqual({ merged: changed, conflicts: [] });
        const other = merge(base, base, changed);
        expect(other.conflicts).toEqual([]);
        expect(countDifferences(diff(other.merged, changed))).toBe(0);
      }),
    );
  });

  it("get the same out of a merge, whoever does it, when they choose the same", () => {
    fc.assert(
      fc.property(commands, commands, commands, (before, one, two) => {
        const base = run(before);
        const [mine, theirs] = [run(one, base), run(two, base)];
        const here = merge(base, mine, theirs);
        const keys = here.conflicts.map(({ key }) => [key, "theirs"] as const);
        const there = merge(base, theirs, mine, new Map(keys));
        expect(there.conflicts.map(({ key }) => key).sort()).toEqual(
          here.conflicts.map(({ key }) => key).sort(),
        );
        const { nodes, values, connections } = diff(here.merged, there.merged);
        expect({ nodes, values, connections }).toEqual({
          nodes: { added: [], removed: [], changed: [] },
          values: [],
          connections: { added: [], removed: [] },
        });
      }),
    );
  });
});
