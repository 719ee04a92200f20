/** Node types and workflows for tests. */
import type { NodeType, NodeTypes, OutputPort } from "./node-type";
import type { JsonObject, Workflow, WorkflowNode } from "./workflow";

const OUT: OutputPort = { name: "out", help: "" };

function nodeType(type: string, about: Partial<NodeType> = {}): NodeType {
  return {
    type,
    title: type,
    help: "",
    category: type.split(".")[0] ?? "",
    role: "step",
    effect: "pure",
    inputs: ["in"],
    outputs: [OUT],
    outputs_from_parameters: false,
    parameters: { type: "object", properties: {} },
    examples: [],
    ...about,
  };
}

const TEMPLATE = { anyOf: [{ type: "object" }, { type: "string" }], "x-wingbeat": "template" };

export const TYPES: NodeTypes = new Map(
  [
    nodeType("trigger.manual", { role: "trigger", inputs: [] }),
    nodeType("data.set", {
      parameters: {
        type: "object",
        properties: {
          value: TEMPLATE,
          condition: { type: "string", "x-wingbeat": "expression" },
          plain: { type: "string" },
          rules: { type: "array", items: { $ref: "#/$defs/Rule" } },
        },
        $defs: { Rule: { properties: { when: { type: "string", "x-wingbeat": "expression" } } } },
      },
    }),
    nodeType("condition.if", {
      outputs: [
        { name: "true", help: "" },
        { name: "false", help: "" },
      ],
    }),
    nodeType("condition.switch", {
      outputs: [
        { name: "<case>", help: "", each: "cases[].port" },
        { name: "default", help: "" },
      ],
      outputs_from_parameters: true,
    }),
    nodeType("flow.limit", {
      outputs: [OUT, { name: "limited", help: "", when: { required: ["longest"] } }],
      outputs_from_parameters: true,
    }),
    nodeType("flow.handler", {
      role: "handler",
      parameters: {
        type: "object",
        properties: { nodes: { type: "array", items: { type: "string", "x-wingbeat": "node" } } },
      },
    }),
    nodeType("loop.foreach", {
      role: "loop",
      outputs: [
        { name: "body", help: "" },
        { name: "done", help: "" },
      ],
    }),
  ].map((type) => [type.type, type]),
);

export function node(id: string, type = "data.set", parameters: JsonObject = {}): WorkflowNode {
  return { id, type, position: { x: 0, y: 0 }, parameters };
}

/** A workflow of nodes and connections, each written as `a.port > b`, or `a > b` from the port `out`. */
export function workflow(nodes: readonly WorkflowNode[], connections: readonly string[] = []): Workflow {
  return {
    name: "Test",
    nodes,
    connections: connections.map((text) => {
      const [from = "", to = ""] = text.split(" > ");
      const [source = "", port = "out"] = from.split(".");
      return { from: source, from_port: port, to, to_port: "in" };
    }),
  };
}
