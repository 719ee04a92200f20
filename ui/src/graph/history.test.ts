import { describe, expect, it } from "vitest";
import { begin, record, redo, undo } from "./history";

describe("history", () => {
  it("goes back and forth over every change", () => {
    let history = begin(0);
    for (let value = 1; value <= 1000; value += 1) history = record(history, value, `to ${value}`);
    for (let step = 0; step < 1000; step += 1) history = undo(history);
    expect(history.present).toBe(0);
    expect(undo(history)).toEqual(history);
    history = redo(redo(history));
    expect(history.present).toBe(2);
    expect(history.future?.label).toBe("to 3");
  });

  it("joins changes of one key, until something else comes between", () => {
    let history = begin("");
    history = record(history, "a", "Type", "name");
    history = record(history, "ab", "Type", "name");
    history = record(history, "ab!", "Other");
    history = record(history, "abc!", "Type", "name");
    expect(undo(history).present).toBe("ab!");
    expect(undo(undo(undo(history))).present).toBe("");
  });

  it("forgets what was undone when something new is done", () => {
    const history = record(undo(record(begin(1), 2, "two")), 3, "three");
    expect(history.future).toBeNull();
    expect(undo(history).present).toBe(1);
  });
});
