import { describe, expect, it } from "vitest";
import { node, TYPES, workflow } from "./fixtures";
import { search } from "./search";

const HAYSTACK = {
  ...workflow([
    { ...node("check", "condition.if"), name: "Check the order" },
    node("order_2", "data.set", { lines: [{ text: "the Order is {{ input.id }}" }], limit: 42 }),
    { ...node("c"), notes: "Ask Ann about orders" },
  ]),
  annotations: {
    notes: [{ id: "note", text: "All orders", position: { x: 0, y: 0 }, width: 1, height: 1, color: "red" }],
  },
};
const find = (query: string) => search(HAYSTACK, TYPES, query).map(({ id, where }) => `${id}: ${where}`);

describe("search", () => {
  it("finds names before ids, notes and parameters, each node once", () => {
    expect(find("order")).toEqual(["check: Name", "order_2: Id", "c: Notes", "note: Note"]);
  });

  it("finds parameters by their texts and numbers, and words in any order", () => {
    expect(search(HAYSTACK, TYPES, "is INPUT.id")).toMatchObject([
      { id: "order_2", parameter: "lines.0.text", excerpt: "the Order is {{ input.id }}" },
    ]);
    expect(find("42")).toEqual(["order_2: limit"]);
    expect(find("ann ask")).toEqual(["c: Notes"]);
    expect(find("if order")).toEqual(["check: Name"]);
    expect(find("  ")).toEqual([]);
  });
});
