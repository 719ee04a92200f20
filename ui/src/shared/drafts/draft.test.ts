// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { node, workflow } from "@/graph/fixtures";
import { useSession } from "@/shared/api/session";
import { dropDraft, keepDraft, otherDrafts, readDraft, setAside } from "./draft";

describe("drafts", () => {
  beforeEach(() => localStorage.clear());
  const draft = {
    revision: 3,
    base: workflow([node("a")]),
    workflow: workflow([]),
    at: "2026-01-02T03:04:05Z",
  };

  it("come back as they were kept, for their own workflow", () => {
    expect(keepDraft("one", draft)).toBe(true);
    expect(readDraft("one")).toMatchObject(draft);
    expect(readDraft("other")).toBeNull();
    dropDraft("one");
    expect(readDraft("one")).toBeNull();
  });

  it("are of whoever made them, at a browser that several people use", () => {
    const signIn = (user_id: number) => useSession.setState({ user: { user_id } as never });
    signIn(1);
    keepDraft("one", draft);
    signIn(2);
    expect(readDraft("one")).toBeNull();
    dropDraft("one");
    signIn(1);
    expect(readDraft("one")).toMatchObject(draft);
    useSession.setState({ user: null });
  });

  it("are of one tab each: those of others are found, what this tab was before first, then the latest", () => {
    keepDraft("one", draft);
    for (const [tab, at] of [
      ["a", "2026-01-02T03:04:05Z"],
      ["b", "2026-01-02T03:04:07Z"],
      ["before", "2026-01-02T03:04:01Z"],
    ] as const)
      keepDraft("one", { ...draft, at }, tab);
    keepDraft("one", draft, "");
    keepDraft("other", draft, "c");
    expect(otherDrafts("one", "before").map(({ tab }) => tab)).toEqual(["before", "b", "a", ""]);
    setAside("one");
    expect(readDraft("one")).toBeNull();
    expect(otherDrafts("one", null)).toHaveLength(5);
  });

  it("are nothing when something else is there", () => {
    for (const text of ["", "{", "5", '{"format":1}', '{"format":2,"revision":1}']) {
      localStorage.setItem("wingbeat:0:draft:one", text);
      expect(readDraft("one")).toBeNull();
    }
  });
});
