import { describe, expect, it } from "vitest";
import { workflow } from "@/graph/fixtures";
import { begin, record, redo, undo } from "@/graph/history";
import { wordsOf } from "./use-spoken-changes";

describe("what is said of a change", () => {
  it("is what was done, undone or done again, and nothing of keystrokes", () => {
    const blank = begin(workflow([]));
    const added = record(blank, { ...blank.present }, "Add If");
    expect(wordsOf(added, blank)).toBe("Add If.");
    expect(wordsOf(undo(added), added)).toBe("Undone: Add If.");
    expect(wordsOf(redo(undo(added)), undo(added))).toBe("Done again: Add If.");
    const typed = record(added, { ...blank.present }, "Change the name", "name");
    expect(wordsOf(typed, added)).toBeNull();
    expect(wordsOf(added, added)).toBeNull();
  });
});
