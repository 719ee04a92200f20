import { describe, expect, it } from "vitest";
import { differences, partialOf, tableOf, treeRows, wholeOf, withPart } from "./parts";

const cut = (path: string, kind: "list" | "text", length: number, shown: number) => ({
  path,
  kind,
  length,
  shown,
});

describe("values of which parts come later", () => {
  it("grow where they were cut, and nowhere else", () => {
    const first = partialOf({
      value: { "a/b": [1, 2], text: "xy" },
      cuts: [cut("/a~1b", "list", 4, 2), cut("/text", "text", 3, 2)],
    });
    const more = withPart(first, "/a~1b", { value: [3], cuts: [cut("/a~1b", "list", 4, 3)] });
    const all = withPart(withPart(more, "/a~1b", { value: [4], cuts: [] }), "/text", {
      value: "z",
      cuts: [],
    });
    expect(more.cuts.get("/a~1b")?.shown).toBe(3);
    expect(all).toEqual({ value: { "a/b": [1, 2, 3, 4], text: "xyz" }, cuts: new Map() });
  });

  it("are drawn as the lines that are open, with one to read on", () => {
    const partial = partialOf({ value: { list: [1], empty: [] }, cuts: [cut("/list", "list", 9, 1)] });
    const rows = treeRows(partial, () => true);
    expect(rows.map((row) => [row.kind, row.path, row.count])).toEqual([
      ["open", "", 2],
      ["open", "/list", 9],
      ["leaf", "/list/0", 0],
      ["more", "/list", 9],
      ["leaf", "/empty", 0],
    ]);
    expect(treeRows(partial, (_, depth) => depth < 1)).toHaveLength(3);
  });
});

describe("values that are there as a whole", () => {
  it("are excerpts of themselves", () => {
    expect(wholeOf([1, 2])).toEqual({ kind: "list", length: 2, value: [1, 2], cuts: [] });
    expect([{}, "ab", 1, true, null].map((value) => wholeOf(value).kind)).toEqual([
      "object",
      "text",
      "number",
      "boolean",
      "null",
    ]);
    expect(wholeOf(null).length).toBeNull();
  });
});

describe("tables", () => {
  it("have the fields of objects as columns", () => {
    expect(tableOf([{ a: 1 }, { b: 2 }])).toEqual({
      columns: ["a", "b"],
      rows: [
        [1, undefined],
        [undefined, 2],
      ],
    });
    expect(tableOf([1, { a: 1 }])?.columns).toEqual(["#", "value"]);
    expect(tableOf({ a: 1 })?.rows).toEqual([["a", 1]]);
    expect(tableOf("text")).toBeNull();
  });
});

describe("differences", () => {
  it("say where, and what was there", () => {
    expect(differences({ a: [1, 2], b: 1, c: { d: 1 } }, { a: [1, 3, 4], c: { d: 1 }, e: null })).toEqual([
      { path: "/a/1", kind: "changed", before: 2, after: 3 },
      { path: "/a/2", kind: "added", before: undefined, after: 4 },
      { path: "/b", kind: "removed", before: 1, after: undefined },
      { path: "/e", kind: "added", before: undefined, after: null },
    ]);
    expect(differences([1], { 0: 1 })).toHaveLength(1);
    expect(differences({ a: [1] }, { a: [1] })).toEqual([]);
  });
});
