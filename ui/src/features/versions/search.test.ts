import { describe, expect, it } from "vitest";
import { comparedOf, readVersionsSearch } from "./search";

describe("which versions are compared", () => {
  it("is read from the address, where it is sound", () => {
    const read = readVersionsSearch({ revision: 3, beside: "x", view: "json" });
    expect(read).toEqual({ revision: 3, view: "json" });
    expect(readVersionsSearch({ revision: 0, beside: 1.5, view: "no" })).toEqual({});
  });

  it("is the newest and the one before", () => {
    expect(comparedOf({}, 4)).toEqual({ revision: 4, beside: 3 });
    expect(comparedOf({ revision: 9 }, 4)).toEqual({ revision: 4, beside: 3 });
    expect(comparedOf({ revision: 1 }, 4)).toEqual({ revision: 1, beside: null });
    expect(comparedOf({ revision: 2, beside: 4 }, 4)).toEqual({ revision: 2, beside: 4 });
  });
});
