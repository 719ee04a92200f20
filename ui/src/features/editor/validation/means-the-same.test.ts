import { describe, expect, it } from "vitest";
import { moveNodes, setNodeField } from "@/graph/commands/nodes";
import { node, workflow } from "@/graph/fixtures";
import { meansTheSame } from "./means-the-same";

describe("meansTheSame", () => {
  const base = workflow([node("a"), node("b")], ["a > b"]);

  it("is true when things were moved, and false for anything else", () => {
    expect(meansTheSame(base, moveNodes(new Map([["a", { x: 5, y: 5 }]]))(base))).toBe(true);
    expect(meansTheSame(base, { ...base, annotations: { notes: [] } })).toBe(true);
    expect(meansTheSame(base, setNodeField("a", "disabled", true)(base))).toBe(false);
    expect(meansTheSame(base, { ...base, settings: { priority: 1 } })).toBe(false);
  });
});
