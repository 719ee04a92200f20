import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { node, workflow } from "@/graph/fixtures";
import type { MyWorkflow } from "@/shared/api/workflow";
import type { Edit } from "@/shared/live/use-live-lists";
import { createEditorStore, EditorStoreProvider } from "./store";
import { useOthers } from "./use-others";

let say: (edit: Edit | null) => void = () => {};
vi.mock("@/shared/live/use-live-lists", () => ({
  useEdits: (_id: string, heard: typeof say) => {
    say = heard;
  },
}));

const MINE = workflow([node("a")]);
const CURRENT = { workflow_id: "w", revision: 1, published_revision: null, definition: MINE };
const edit = (action: string, revision: number, by: string): Edit => ({
  action,
  revision,
  published_revision: null,
  by,
});

it("reads the workflow anew when somebody else has saved, whatever else was heard meanwhile", () => {
  const store = createEditorStore({
    workflowId: "w",
    nodeTypes: new Map(),
    revision: 1,
    workflow: MINE,
    readOnly: false,
  });
  const queries = new QueryClient();
  const asked = vi.spyOn(queries, "invalidateQueries");
  const { result, rerender } = renderHook(
    ({ current, saving }) => useOthers(current as unknown as MyWorkflow, saving),
    {
      initialProps: { current: CURRENT, saving: true },
      wrapper: ({ children }) => (
        <QueryClientProvider client={queries}>
          <EditorStoreProvider value={store}>{children}</EditorStoreProvider>
        </QueryClientProvider>
      ),
    },
  );
  act(() => {
    say(edit("update", 2, "Bo"));
    say(edit("describe_version", 2, "Cy"));
  });
  expect(asked).not.toHaveBeenCalled();
  rerender({ current: CURRENT, saving: false });
  expect(asked).toHaveBeenCalledTimes(1);
  rerender({ current: { ...CURRENT, revision: 2 }, saving: false });
  expect(result.current).toBe("Bo");
  act(() => say(edit("describe_version", 1, "Cy")));
  expect(asked).toHaveBeenCalledTimes(1);
});
