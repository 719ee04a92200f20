import { describe, expect, it } from "vitest";
import { folderTree, readFolder } from "./folders";

describe("folders", () => {
  it("are a tree, with those above that have no workflow themselves", () => {
    const tree = folderTree([
      { name: "sales/orders", workflows: 2 },
      { name: "sales", workflows: 1 },
      { name: "ops/night/backup", workflows: 4 },
      { name: "salesforce", workflows: 1 },
    ]);
    expect(tree.map(({ path, workflows }) => [path, workflows])).toEqual([
      ["ops", 4],
      ["sales", 3],
      ["salesforce", 1],
    ]);
    expect(tree[0]?.children[0]?.children[0]).toMatchObject({ path: "ops/night/backup", label: "backup" });
    expect(tree[1]?.children.map(({ label }) => label)).toEqual(["orders"]);
  });

  it("are read as people type them", () => {
    expect(readFolder(" sales / orders ")).toBe("sales/orders");
    expect(readFolder("  ")).toBe("");
    expect(readFolder("a//b")).toBeNull();
    expect(readFolder("x".repeat(101))).toBeNull();
  });
});
