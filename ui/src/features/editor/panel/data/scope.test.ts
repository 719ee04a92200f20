import { describe, expect, it } from "vitest";
import type { NodeType } from "@/graph/node-type";
import { structureOf } from "@/graph/structure";
import type { Json, Workflow } from "@/graph/workflow";
import { type RunName, scopeOf, upstreamOf } from "./scope";

const type = (name: string, role = "step", schema?: object): [string, NodeType] => [
  name,
  {
    type: name,
    title: name,
    help: "",
    category: "",
    role,
    effect: "pure",
    inputs: ["in"],
    outputs:
      role === "loop"
        ? [
            { name: "body", help: "" },
            { name: "done", help: "" },
          ]
        : [{ name: "out", help: "", ...(schema ? { schema: schema as never } : {}) }],
    outputs_from_parameters: false,
    parameters: {},
    examples: [],
  },
];
const types = new Map([
  type("start", "trigger"),
  type("fetch", "step", { type: "object", properties: { status: { type: "integer" } } }),
  type("each", "loop"),
  type("work"),
]);
const workflow: Workflow = {
  name: "w",
  nodes: ["start", "fetch", "each", "work"].map((id) => ({
    id,
    type: id,
    ...(id === "start" ? { pinned_output: { order: 7 } } : {}),
  })),
  connections: [
    { from: "start", to: "fetch" },
    { from: "fetch", to: "each" },
    { from: "each", from_port: "body", to: "work" },
  ],
  global_variables: { rate: 1.2 },
};

function given(nodeId: string, run: RunName[] = []) {
  const structure = structureOf(workflow.nodes, workflow.connections, types);
  return { workflow, types, structure, nodeId, run, helps: new Map() };
}

const ran = (path: string, kind: RunName["kind"], value: Json, node_id: string | null = null): RunName => ({
  path,
  kind,
  node_id,
  value: { value },
});

describe("the names at a node", () => {
  it("have as input what leaves by the port, not by another one", () => {
    const check: NodeType = {
      ...(types.get("work") as NodeType),
      outputs: [
        { name: "valid", help: "" },
        { name: "invalid", help: "", schema: { type: "object", properties: { errors: {} } } },
      ],
    };
    const known = new Map([...types, ["check", check]]);
    const nodes = ["start", "check", "good", "bad"].map((id) => ({ id, type: id }));
    const connections = [
      { from: "start", to: "check" },
      { from: "check", from_port: "valid", to: "good" },
      { from: "check", from_port: "invalid", to: "bad" },
    ];
    const at = (nodeId: string, run: RunName[]) =>
      scopeOf({
        workflow: { name: "w", nodes, connections },
        types: known,
        structure: structureOf(nodes, connections, known),
        nodeId,
        run,
        helps: new Map(),
      })[0];
    expect(at("good", [])?.schema).toBeUndefined();
    expect(at("bad", [])?.schema).toEqual({ type: "object", properties: { errors: {} } });
    expect(at("bad", [ran("nodes.check", "node", { amount: 1 }, "check")])?.value).toBeUndefined();
  });

  it("are what came in, nodes before, and variables", () => {
    const names = scopeOf(given("fetch")).map(({ name }) => name);
    expect(names).toEqual(["input", "nodes", "trigger", "rate", "execution", "workflow", "now"]);
  });

  it("has the names of the loop in it, without the loop among the nodes before", () => {
    const scope = scopeOf(given("work", [ran("item", "loop", { id: 1 })]));
    expect(scope.find(({ name }) => name === "item")?.value).toEqual({ id: 1 });
    expect(upstreamOf(given("work")).map(({ id }) => id)).toEqual(["fetch", "start"]);
  });

  it("shows what is pinned before what last came, and schemas where nothing came", () => {
    const [input] = scopeOf(given("fetch", [ran("input", "input", { order: 1 })]));
    expect(input?.value).toEqual({ order: 7 });
    const [known] = scopeOf(given("each"));
    expect(known?.schema).toEqual({ type: "object", properties: { status: { type: "integer" } } });
    const [came] = scopeOf(given("each", [ran("input", "input", { status: 200 })]));
    expect(came?.value).toEqual({ status: 200 });
  });
});
