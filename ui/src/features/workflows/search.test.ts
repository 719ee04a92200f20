import { describe, expect, it } from "vitest";
import { isFiltered, readWorkflowsSearch, withFilter } from "./search";

describe("the address of the list", () => {
  it("keeps what is a filter and drops what is none", () => {
    const read = readWorkflowsSearch({
      q: "bill",
      status: "gone",
      tag: 2024,
      mine: "yes",
      page: 1,
      sort: "name",
    });
    expect(read).toEqual({ q: "bill", tag: "2024", sort: "name" });
  });

  it("begins at the first page when a filter changes", () => {
    expect(withFilter({ q: "a", page: 3 }, { tag: "x" })).toEqual({ q: "a", tag: "x" });
    expect(withFilter({ q: "a", tag: "x" }, { q: "", tag: undefined })).toEqual({});
  });

  it("knows an empty place from an empty answer", () => {
    expect(isFiltered({ sort: "name", page: 2 })).toBe(false);
    expect(isFiltered({ enabled: false })).toBe(true);
  });
});
