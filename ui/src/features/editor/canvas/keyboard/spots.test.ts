import { describe, expect, it } from "vitest";
import { node, TYPES, workflow } from "@/graph/fixtures";
import { createEditorStore } from "../../store";
import { heirOf, nextSpot, selectionAt, spotsOf } from "./spots";

const note = { id: "note", color: "yellow", text: "Read", position: { x: 0, y: 0 }, width: 240, height: 160 };
const drawn = {
  ...workflow([node("a"), node("b"), node("c")], ["a > b", "b > c"]),
  annotations: { notes: [note] },
};
const open = () =>
  createEditorStore({ workflowId: "w", nodeTypes: TYPES, revision: 1, workflow: drawn, readOnly: false });

describe("what the keyboard goes to", () => {
  it("is every step, and then what is written beside them; then it leaves the canvas", () => {
    const spots = spotsOf(open().getState());
    expect(spots.map(({ id }) => id)).toEqual(["a", "b", "c", "note"]);
    expect(nextSpot(spots, null, 1)?.id).toBe("a");
    expect(nextSpot(spots, { kind: "step", id: "c" }, 1)?.id).toBe("note");
    expect(nextSpot(spots, { kind: "annotation", id: "note" }, 1)).toBeNull();
    expect(nextSpot(spots, { kind: "step", id: "a" }, -1)).toBeNull();
  });

  it("is what follows what is taken away, and else what is before it", () => {
    const store = open();
    const heir = (...ids: string[]) => {
      store.getState().select({ nodes: new Set(ids) });
      return heirOf(store.getState())?.id;
    };
    expect(heir("b")).toBe("c");
    expect(heir("a", "b", "c")).toBe("note");
    store.getState().select(selectionAt({ kind: "annotation", id: "note" }));
    expect(heirOf(store.getState())?.id).toBe("c");
    store.getState().select({ nodes: new Set(["a", "b", "c"]), annotations: new Set(["note"]) });
    expect(heirOf(store.getState())).toBeNull();
  });
});
