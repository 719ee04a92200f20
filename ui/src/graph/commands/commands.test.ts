import { describe, expect, it } from "vitest";
import { connectionId } from "../connections";
import { node, TYPES, workflow } from "../fixtures";
import { selectionOf } from "../selection";
import type { Workflow } from "../workflow";
import { addGroup, addNote, moveSelection, newGroup, newNote, setAnnotation, ungroup } from "./annotations";
import { align, distribute, snap } from "./arrange";
import { copy, duplicate, paste, readClip } from "./clipboard";
import {
  connect,
  disconnect,
  insertOnConnection,
  putOnConnection,
  reconnect,
  removeAndBridge,
} from "./connections";
import {
  addNode,
  newNode,
  removeSelection,
  renameNodeId,
  setDisabled,
  setNodeField,
  setParameters,
} from "./nodes";

const CHAIN = workflow([node("a", "trigger.manual"), node("b"), node("c")], ["a > b", "b > c"]);

function arrows({ connections }: Workflow): string[] {
  return connections.map(({ from, from_port, to }) => `${from}.${from_port} > ${to}`);
}

function at(x: number, y: number, id: string) {
  return { ...node(id), position: { x, y } };
}

function places({ nodes }: Workflow): (readonly [number, number])[] {
  return nodes.map(({ position }) => [position?.x ?? 0, position?.y ?? 0]);
}

describe("nodes", () => {
  it("are called after the last word of their type", () => {
    const type = TYPES.get("condition.if");
    if (!type) throw new Error("missing");
    const once = addNode(newNode(CHAIN, type, { x: 1, y: 2 }))(CHAIN);
    const twice = addNode(newNode(once, type, { x: 1, y: 2 }))(once);
    expect(twice.nodes.slice(3).map(({ id }) => id)).toEqual(["if", "if_2"]);
  });

  it("go with their connections", () => {
    expect(arrows(removeSelection(selectionOf({ nodes: ["b"] }))(CHAIN))).toEqual([]);
    expect(arrows(removeAndBridge("b")(CHAIN))).toEqual(["a.out > c"]);
  });

  it("change without touching the others, and not at all where nothing changes", () => {
    const changed = setNodeField("b", "name", "Bee")(CHAIN);
    expect(changed.nodes[1]).toEqual({ ...node("b"), name: "Bee" });
    expect(changed.nodes[2]).toBe(CHAIN.nodes[2]);
    expect(setNodeField("b", "name", "Bee")(changed)).toBe(changed);
    expect(setNodeField("b", "name", undefined)(changed).nodes[1]).toEqual(node("b"));
    expect(setDisabled(new Set(["b"]), false)(CHAIN)).toBe(CHAIN);
  });

  it("have parameters at paths", () => {
    let changed = setParameters("b", ["list", 1, "name"], "x", TYPES)(CHAIN);
    expect(changed.nodes[1]?.parameters).toEqual({ list: [null, { name: "x" }] });
    changed = setParameters("b", ["list", 0], undefined, TYPES)(changed);
    expect(changed.nodes[1]?.parameters).toEqual({ list: [{ name: "x" }] });
    expect(setParameters("b", ["list", 0, "name"], "x", TYPES)(changed)).toBe(changed);
    expect(setParameters("b", ["list"], undefined, TYPES)(changed).nodes[1]?.parameters).toEqual({});
  });

  it("keep what leads out of a port that gets another name", () => {
    const switching = workflow(
      [node("s", "condition.switch", { cases: [{ port: "x" }, { port: "y" }] }), node("t")],
      ["s.x > t", "s.y > t"],
    );
    expect(arrows(setParameters("s", ["cases", 0, "port"], "z", TYPES)(switching))).toEqual([
      "s.z > t",
      "s.y > t",
    ]);
    expect(arrows(setParameters("s", ["cases", 0, "port"], "y", TYPES)(switching))).toEqual([
      "s.x > t",
      "s.y > t",
    ]);
  });

  it("are renamed everywhere", () => {
    const before: Workflow = {
      ...workflow(
        [node("a", "trigger.manual"), node("b", "data.set", { value: "{{ nodes.a.x }}" })],
        ["a > b"],
      ),
      settings: { trigger_priorities: { a: 5 } },
    };
    const after = renameNodeId("a", "begin", TYPES)(before);
    expect(arrows(after)).toEqual(["begin.out > b"]);
    expect(after.nodes[1]?.parameters).toEqual({ value: "{{ nodes.begin.x }}" });
    expect(after.settings).toEqual({ trigger_priorities: { begin: 5 } });
    expect(renameNodeId("a", "b", TYPES)(before)).toBe(before);
  });
});

describe("connections", () => {
  it("are drawn once, moved and cut", () => {
    const [from, to] = [
      { node: "a", port: "out" },
      { node: "c", port: "in" },
    ];
    const drawn = connect(from, to)(CHAIN);
    expect(connect(from, to)(drawn)).toBe(drawn);
    expect(arrows(reconnect("a/out>b/in", from, to)(CHAIN))).toEqual(["b.out > c", "a.out > c"]);
    expect(arrows(disconnect(new Set(["a/out>b/in"]))(CHAIN))).toEqual(["b.out > c"]);
  });

  it("take in a node that is dropped on them", () => {
    const added = insertOnConnection("a/out>b/in", node("if", "condition.if"), TYPES)(CHAIN);
    expect(arrows(added)).toEqual(["b.out > c", "a.out > if", "if.true > b"]);
    const loose = addNode(node("d"))(CHAIN);
    expect(arrows(putOnConnection("b/out>c/in", "d", TYPES)(loose))).toEqual([
      "a.out > b",
      "b.out > d",
      "d.out > c",
    ]);
    expect(putOnConnection("b/out>c/in", "c", TYPES)(loose)).toBe(loose);
  });

  it("have ids that tell ports apart, whatever they are called", () => {
    const ids = [
      { from: "a", to: "b" },
      { from: "a", from_port: "x>b/y", to: "c" },
      { from: "a", from_port: "x", to: "b", to_port: "y>c/in" },
    ].map(connectionId);
    expect(new Set(ids).size).toBe(3);
    expect(ids[0]).toBe(connectionId({ from: "a", from_port: "out", to: "b", to_port: "in" }));
  });
});

describe("the clipboard", () => {
  const source = workflow(
    [node("a"), node("b", "data.set", { value: "{{ nodes.a.x + nodes.z.x }}" }), node("z")],
    ["a > b", "z > b"],
  );

  it("brings what is copied under new ids, and references along", () => {
    const clip = copy(source, selectionOf({ nodes: ["a", "b"] }));
    const text = JSON.stringify(clip);
    const pasted = paste(source, readClip(text) ?? expect.fail("not read"), TYPES);
    expect(pasted.selection.nodes).toEqual(new Set(["a_2", "b_2"]));
    expect(arrows(pasted.workflow)).toEqual(["a.out > b", "z.out > b", "a_2.out > b_2"]);
    expect(pasted.workflow.nodes[4]?.parameters).toEqual({ value: "{{ nodes.a_2.x + nodes.z.x }}" });
    expect(pasted.workflow.nodes[3]?.position).toEqual({ x: 32, y: 32 });
  });

  it("puts the same beside itself when it is pasted at one place twice", () => {
    const clip = copy(source, selectionOf({ nodes: ["a", "b"] })) ?? expect.fail("nothing copied");
    const at = { x: 500, y: 70 };
    const once = paste(source, clip, TYPES, at).workflow;
    const twice = paste(once, clip, TYPES, at).workflow;
    expect(once.nodes.at(-1)?.position).toEqual({ x: 500, y: 70 });
    expect(twice.nodes.at(-1)?.position).toEqual({ x: 532, y: 102 });
  });

  it("puts what is pasted where the pointer is, and a copy of a copy beside both", () => {
    const once = duplicate(source, selectionOf({ nodes: ["a"] }), TYPES) ?? expect.fail("nothing");
    const twice = duplicate(once.workflow, selectionOf({ nodes: ["a"] }), TYPES) ?? expect.fail("nothing");
    expect(twice.workflow.nodes.at(-1)).toMatchObject({ id: "a_3", position: { x: 64, y: 64 } });
    const clip = copy(source, selectionOf({ nodes: ["a", "b"] })) ?? expect.fail("nothing");
    expect(places(paste(source, clip, TYPES, { x: 500, y: 70 }).workflow).slice(3)).toEqual([
      [500, 70],
      [500, 70],
    ]);
  });

  it("takes whole workflows and refuses anything else", () => {
    expect(readClip(JSON.stringify(source))?.nodes).toHaveLength(3);
    const file = { format: "wingbeat.workflow", format_version: 1, connections: [], definition: source };
    expect(readClip(JSON.stringify(file))?.connections).toHaveLength(2);
    for (const text of [
      "hello",
      "{}",
      "[]",
      '{"wingbeat":1}',
      '{"wingbeat":1,"nodes":[{"id":"<b>","type":"x"}]}',
      '{"wingbeat":1,"nodes":[{"id":"a","type":"x","name":{}}]}',
      '{"format":"wingbeat.workflow","definition":{"name":"a","nodes":[{}]}}',
    ]) {
      expect(readClip(text)).toBeNull();
    }
    expect(copy(source, selectionOf({}))).toBeNull();
  });
});

describe("arranging", () => {
  const three = workflow([at(0, 0, "a"), at(300, 50, "b"), at(1000, 200, "c")]);
  const all = new Set(["a", "b", "c"]);

  it("aligns on six ways", () => {
    expect(places(align(all, "left", TYPES)(three))).toEqual([
      [0, 0],
      [0, 50],
      [0, 200],
    ]);
    expect(places(align(all, "right", TYPES)(three))).toEqual([
      [1000, 0],
      [1000, 50],
      [1000, 200],
    ]);
    expect(places(align(all, "center", TYPES)(three))).toEqual([
      [500, 0],
      [500, 50],
      [500, 200],
    ]);
    expect(places(align(all, "top", TYPES)(three))).toEqual([
      [0, 0],
      [300, 0],
      [1000, 0],
    ]);
    expect(places(align(all, "middle", TYPES)(three))).toEqual([
      [0, 100],
      [300, 100],
      [1000, 100],
    ]);
    expect(places(align(all, "bottom", TYPES)(three))).toEqual([
      [0, 200],
      [300, 200],
      [1000, 200],
    ]);
  });

  it("spreads evenly and snaps to the grid", () => {
    expect(places(distribute(all, "horizontal", TYPES)(three))).toEqual([
      [0, 0],
      [500, 50],
      [1000, 200],
    ]);
    expect(places(snap(all)(three))).toEqual([
      [0, 0],
      [304, 48],
      [1008, 208],
    ]);
  });
});

describe("notes and groups", () => {
  it("are made, changed and taken away; what lies in a group moves with it", () => {
    const start = workflow([at(0, 0, "a"), at(300, 0, "b"), at(900, 0, "far")]);
    const group = newGroup(start, selectionOf({ nodes: ["a", "b"] }), TYPES) ?? expect.fail("nothing");
    let drawn = addGroup(group)(start);
    drawn = addNote(newNote(drawn, { x: 100, y: 10 }))(drawn);
    drawn = setAnnotation("note", { text: "**Read**", width: 100, height: 40 })(drawn);
    drawn = moveSelection(selectionOf({ annotations: ["group"] }), { x: 10, y: 20 }, TYPES)(drawn);
    expect(places(drawn)).toEqual([
      [10, 20],
      [310, 20],
      [900, 0],
    ]);
    expect(drawn.annotations?.notes?.[0]).toMatchObject({ text: "**Read**", position: { x: 110, y: 30 } });
    drawn = ungroup(new Set(["group"]))(drawn);
    expect(drawn.annotations?.groups).toEqual([]);
    expect(drawn.nodes).toHaveLength(3);
  });
});
