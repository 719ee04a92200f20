import { describe, expect, it } from "vitest";
import { granteeOf, grantTo, type Right, rightsOf, turned } from "./rights";

describe("rights", () => {
  it("come with seeing, and go with it", () => {
    const rights = turned(new Set<Right>(), "can_edit");
    expect([...rights].sort()).toEqual(["can_edit", "can_view"]);
    expect([...turned(rights, "can_edit")]).toEqual(["can_view"]);
    expect([...turned(rights, "can_view")]).toEqual([]);
  });

  it("are read from a grant", () => {
    const grant = { can_view: true, can_edit: false, can_delete: true, can_execute: false };
    expect([...rightsOf(grant)]).toEqual(["can_view", "can_delete"]);
  });
});

describe("whoever is given something", () => {
  it("is one user, one community or a role", () => {
    expect(granteeOf({ user_id: 7, community_id: null, role: null })).toBe("user:7");
    expect(granteeOf({ user_id: null, community_id: 2, role: null })).toBe("community:2");
    expect(granteeOf({ user_id: null, community_id: null, role: "a:b" })).toBe("role:a:b");
  });

  it("is named once in what is sent", () => {
    const rights = { can_view: true, can_edit: false, can_delete: false, can_execute: true };
    expect(grantTo("user:7", new Set<Right>(["can_execute"]))).toEqual({ user_id: 7, ...rights });
    expect(grantTo("role:a:b", new Set<Right>(["can_execute"]))).toEqual({ role: "a:b", ...rights });
  });
});
