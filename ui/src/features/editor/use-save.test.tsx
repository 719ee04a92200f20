import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { node, workflow } from "@/graph/fixtures";
import type { MyWorkflow } from "@/shared/api/workflow";
import * as api from "./api";
import { createEditorStore, EditorStoreProvider, isDirty } from "./store";
import { useSave } from "./use-save";

vi.mock("./api");

describe("saving", () => {
  it("happens once for one change, however often it is asked for meanwhile", async () => {
    const definition = workflow([node("a")]);
    const store = createEditorStore({
      workflowId: "w",
      nodeTypes: new Map(),
      revision: 1,
      workflow: definition,
      readOnly: false,
    });
    const current = { workflow_id: "w", revision: 1, definition } as unknown as MyWorkflow;
    const put = vi.mocked(api.saveWorkflow).mockImplementation(async (_id, revision, sent) => {
      await Promise.resolve();
      return { data: { ...current, revision: revision + 1, definition: sent } as never, etag: "" };
    });
    const { result } = renderHook(() => useSave(current), {
      wrapper: ({ children }) => (
        <QueryClientProvider client={new QueryClient()}>
          <EditorStoreProvider value={store}>{children}</EditorStoreProvider>
        </QueryClientProvider>
      ),
    });
    store.getState().change({ label: "Rename", apply: (before) => ({ ...before, name: "Another" }) });
    const saves = [result.current.save(), result.current.save(), result.current.save()];
    expect(await Promise.all(saves)).toEqual([true, true, true]);
    expect(put.mock.calls.map(([, revision]) => revision)).toEqual([1]);
    expect(isDirty(store.getState())).toBe(false);
  });
});
