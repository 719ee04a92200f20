import { expect, it } from "vitest";
import type { NodeType } from "@/graph/node-type";
import { triggersOf } from "./triggers";

const hook: NodeType = {
  type: "hook",
  title: "Hook",
  help: "",
  category: "trigger",
  role: "trigger",
  effect: "pure",
  inputs: [],
  outputs: [{ name: "out", help: "" }],
  outputs_from_parameters: false,
  parameters: {},
  examples: [
    { title: "a request", parameters: {}, input: { body: 7 } },
    { title: "nothing", parameters: {}, input: null },
    { title: "what is refused", parameters: {}, input: 1, expect_error: "REFUSED" },
  ],
};

it("offers what a trigger takes, without what it refuses", () => {
  const workflow = { name: "w", nodes: [{ id: "start", type: "hook" }], connections: [] };
  expect(triggersOf(workflow, new Map([["hook", hook]]))).toEqual([
    { id: "start", name: "Hook", examples: [{ title: "A request", data: { body: 7 } }] },
  ]);
});
