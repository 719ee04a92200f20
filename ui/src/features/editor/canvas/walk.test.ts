import { describe, expect, it } from "vitest";
import { workflow as make, node, TYPES } from "@/graph/fixtures";
import { structure } from "@/graph/structure";
import { stepTowards, walkingOrder } from "./walk";

const at = (id: string, x: number, y: number) => ({ ...node(id), position: { x, y } });
const workflow = make(
  [at("a", 0, 0), at("b", 300, -100), at("c", 300, 0), at("d", 300, 100), at("e", 600, 0)],
  ["a > b", "a > c", "a > d", "b > e"],
);
const whole = structure(workflow, TYPES);

describe("walking along connections", () => {
  it("goes to the nearest that it leads to, and back", () => {
    expect(stepTowards(workflow, TYPES, whole, "a", "right")).toBe("c");
    expect(stepTowards(workflow, TYPES, whole, "e", "left")).toBe("b");
    expect(stepTowards(workflow, TYPES, whole, "e", "right")).toBeNull();
  });

  it("goes up and down among those side by side", () => {
    expect(stepTowards(workflow, TYPES, whole, "c", "up")).toBe("b");
    expect(stepTowards(workflow, TYPES, whole, "c", "down")).toBe("d");
  });

  it("comes by every step once", () => {
    const order = walkingOrder(workflow, whole);
    expect([...order].sort()).toEqual(["a", "b", "c", "d", "e"]);
  });
});
