import { describe, expect, it } from "vitest";
import { Shapes } from "./carried";
import type { Carried, NodeType } from "./node-type";
import { structureOf } from "./structure";
import type { Connection, JsonObject, WorkflowNode } from "./workflow";

const ORDER: JsonObject = { type: "object", properties: { id: { type: "integer" } } };

function type(name: string, outputs: Record<string, Carried[]>, more: Partial<NodeType> = {}): NodeType {
  return {
    type: name,
    title: name,
    help: "",
    category: "",
    role: "step",
    effect: "pure",
    inputs: ["in"],
    outputs: Object.entries(outputs).map(([port, carries]) => ({ name: port, help: "", carries })),
    outputs_from_parameters: false,
    parameters: {},
    examples: [],
    ...more,
  };
}

const mode = (value: string) => ({ properties: { mode: { const: value } } });
const known = [
  type("begin", {}, { role: "trigger", outputs: [{ name: "out", help: "", schema: ORDER }] }),
  type("fork", { true: [{ of: "input" }], false: [{ of: "input" }] }),
  type("pass", { out: [{ of: "input" }] }),
  type("make", { out: [{ of: "parameter", name: "value" }] }),
  type("pick", { out: [{ of: "list", name: "items" }] }),
  type("loop", { body: [{ of: "item", name: "items" }], done: [{ of: "body" }] }, { role: "loop" }),
  type(
    "join",
    {
      out: [
        { of: "inputs", joined: "by_node", when: mode("all") },
        { of: "inputs", joined: "fields", when: mode("combine") },
        { of: "inputs", joined: "first", when: mode("any") },
      ],
    },
    { parameters: { properties: { mode: { default: "all" } } } },
  ),
];
const types = new Map(known.map((one) => [one.type, one]));

/** Nodes as `id: type`, and connections as `a>b` or `a.port>b`. */
function shapes(nodes: Record<string, Partial<WorkflowNode>>, ways: string[]): Shapes {
  const drawn = Object.entries(nodes).map(([id, node]) => ({ id, type: "pass", ...node }));
  const connections = ways.map((way): Connection => {
    const [from = "", to = ""] = way.split(">");
    const [node = "", port] = from.split(".");
    return { from: node, to, ...(port ? { from_port: port } : {}) };
  });
  return new Shapes(drawn, types, structureOf(drawn, connections, types));
}

describe("what comes out before anything has run", () => {
  it("goes on through what hands its input on, by every port", () => {
    const found = shapes({ a: { type: "begin" }, b: { type: "fork" }, c: {}, d: {} }, [
      "a>b",
      "b.false>c",
      "c>d",
    ]);
    expect(found.input("d")).toEqual({ schema: ORDER });
    expect(found.output("b")).toEqual({ schema: ORDER });
  });

  it("carries what is pinned along, and what is switched off as well", () => {
    const found = shapes({ a: { type: "begin", pinned_output: { id: 7 } }, b: { type: "fork" }, c: {} }, [
      "a>b",
      "b.true>c",
    ]);
    expect(found.input("c")).toEqual({ value: { id: 7 } });
    const off = shapes({ a: { type: "begin" }, b: { type: "make", disabled: true } }, ["a>b"]);
    expect(off.output("b")).toEqual({ schema: ORDER });
  });

  it("is made of what a parameter writes down", () => {
    const value = {
      no: "{{ input.id }}",
      text: "No. {{ input.id }}",
      some: "{{ input.id + 1 }}",
      fixed: true,
    };
    const found = shapes({ a: { type: "begin" }, b: { type: "make", parameters: { value } } }, ["a>b"]);
    expect(found.output("b").schema?.properties).toEqual({
      no: { type: "integer" },
      text: { type: "string" },
      some: {},
      fixed: { type: "boolean" },
    });
  });

  it("is an item in a loop, and a list of what its body gave after it", () => {
    const rows = { rows: [{ sku: "a", left: 2 }] };
    const found = shapes(
      {
        a: { type: "begin", pinned_output: rows },
        each: { type: "loop", parameters: { items: "{{ input.rows }}" } },
        work: { type: "make", parameters: { value: { sku: "{{ item.sku }}" } } },
        after: { type: "pick", parameters: { items: "{{ input }}" } },
      },
      ["a>each", "each.body>work", "each.done>after"],
    );
    expect(found.item("work").schema?.properties).toEqual({
      sku: { type: "string" },
      left: { type: "number" },
    });
    const list = {
      schema: { type: "array", items: { type: "object", properties: { sku: { type: "string" } } } },
    };
    expect([found.input("after"), found.output("after")]).toEqual([list, list]);
  });

  it("is joined as the parameters say", () => {
    const made = (value: JsonObject) => ({ type: "make", parameters: { value } });
    const joined = (how: JsonObject) =>
      shapes({ a: made({ x: 1 }), b: made({ y: "{{ input }}" }), j: { type: "join", parameters: how } }, [
        "a>j",
        "b>j",
      ]).output("j").schema?.properties;
    expect(Object.keys(joined({}) ?? {})).toEqual(["a", "b"]);
    expect(Object.keys(joined({ mode: "combine" }) ?? {})).toEqual(["x", "y"]);
    expect(joined({ mode: "any" })).toBeUndefined();
  });

  it("is not known where several may come, or in a circle", () => {
    const two = shapes({ a: { type: "begin" }, b: { type: "begin" }, c: {} }, ["a>c", "b>c"]);
    expect(two.input("c")).toEqual({});
    const round = shapes({ a: {}, b: {} }, ["a>b", "b>a"]);
    expect(round.input("a")).toEqual({});
  });
});
