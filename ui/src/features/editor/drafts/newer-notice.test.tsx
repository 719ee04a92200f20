import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { node, workflow } from "@/graph/fixtures";
import type { Workflow } from "@/graph/workflow";
import type { MyWorkflow } from "@/shared/api/workflow";
import { useDraft } from "@/shared/schema-form/use-draft";
import { createEditorStore, EditorStoreProvider, useEditor, useEditorStore } from "../store";
import { NewerNotice } from "./newer-notice";

vi.mock("../use-others", () => ({ useOthers: () => "Bo" }));

const MINE = workflow([node("a")]);
const at = (revision: number, definition: Workflow) =>
  ({ workflow_id: "w", revision, definition }) as unknown as MyWorkflow;

function NameField() {
  const store = useEditorStore();
  const name = useEditor(({ history }) => history.present.name);
  const { value, change } = useDraft(name, (next) =>
    store.getState().change({ label: "Rename", apply: (before) => ({ ...before, name: next }) }),
  );
  return <input aria-label="Name" value={value} onChange={(event) => change(event.target.value)} />;
}

function opened() {
  const store = createEditorStore({
    workflowId: "w",
    nodeTypes: new Map(),
    revision: 1,
    workflow: MINE,
    readOnly: false,
  });
  const queries = new QueryClient();
  const page = (current: MyWorkflow) => (
    <MantineProvider>
      <QueryClientProvider client={queries}>
        <EditorStoreProvider value={store}>
          <NewerNotice current={current} saving={false} />
          <NameField />
        </EditorStoreProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
  const { rerender } = render(page(at(1, MINE)));
  return { store, heard: (current: MyWorkflow) => rerender(page(current)) };
}

describe("what somebody else has saved", () => {
  afterEach(() => {
    cleanup();
    localStorage.clear();
  });
  const theirs = at(2, { ...MINE, name: "Theirs" });

  it("is taken over where nothing is unsaved here", () => {
    const { store, heard } = opened();
    heard(theirs);
    expect(store.getState().saved.revision).toBe(2);
    expect(store.getState().history.present.name).toBe("Theirs");
  });

  it("waits for whoever is typing just now", () => {
    const { store, heard } = opened();
    fireEvent.change(screen.getByLabelText("Name"), { target: { value: "Mine" } });
    heard(theirs);
    expect(store.getState().saved.revision).toBe(1);
    expect(store.getState().history.present.name).toBe("Mine");
    expect(screen.getByRole("status").textContent).toContain("Bo has saved version 2");
  });
});
