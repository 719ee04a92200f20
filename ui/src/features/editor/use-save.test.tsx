import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { node, workflow } from "@/graph/fixtures";
import type { Workflow } from "@/graph/workflow";
import { ApiError, unreachable } from "@/shared/api/errors";
import type { MyWorkflow } from "@/shared/api/workflow";
import * as api from "./api";
import { createEditorStore, EditorStoreProvider, isDirty } from "./store";
import { useSave } from "./use-save";

vi.mock("./api");

const DEFINITION = workflow([node("a")]);
const CURRENT = { workflow_id: "w", revision: 1, definition: DEFINITION } as unknown as MyWorkflow;
const rename = (name: string) => ({ label: "Rename", apply: (before: Workflow) => ({ ...before, name }) });

function opened() {
  const store = createEditorStore({
    workflowId: "w",
    nodeTypes: new Map(),
    revision: 1,
    workflow: DEFINITION,
    readOnly: false,
  });
  const queries = new QueryClient();
  const { result } = renderHook(() => useSave(CURRENT), {
    wrapper: ({ children }) => (
      <QueryClientProvider client={queries}>
        <EditorStoreProvider value={store}>{children}</EditorStoreProvider>
      </QueryClientProvider>
    ),
  });
  return { store, queries, save: () => result.current.save() };
}

describe("saving", () => {
  it("happens once for one change, however often it is asked for meanwhile", async () => {
    const { store, save } = opened();
    const put = vi.mocked(api.saveWorkflow).mockImplementation(async (_id, revision, sent) => {
      await Promise.resolve();
      return { data: { ...CURRENT, revision: revision + 1, definition: sent } as never, etag: "" };
    });
    store.getState().change(rename("Another"));
    expect(await Promise.all([save(), save(), save()])).toEqual([true, true, true]);
    expect(put.mock.calls.map(([, revision]) => revision)).toEqual([1]);
    expect(isDirty(store.getState())).toBe(false);
  });

  it("finds what arrived without an answer, and goes on from there", async () => {
    const { store, queries, save } = opened();
    let kept = { ...CURRENT };
    const put = vi.mocked(api.saveWorkflow).mockReset();
    put.mockImplementation(async (_id, revision, sent) => {
      if (revision !== kept.revision) throw new ApiError("Stale.", { status: 412, code: "STALE" });
      kept = { ...kept, revision: revision + 1, definition: sent as never };
      if (kept.revision === 2) throw unreachable(null);
      return { data: kept, etag: "" };
    });
    vi.spyOn(queries, "fetchQuery").mockImplementation(async () => ({ data: kept, etag: "" }));
    store.getState().change(rename("Arrived"));
    expect(await save()).toBe(false);
    store.getState().change(rename("Changed since"));
    expect(await save()).toBe(true);
    expect(kept).toMatchObject({ revision: 3, definition: { name: "Changed since" } });
    expect(isDirty(store.getState())).toBe(false);
  });
});
