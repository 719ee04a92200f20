/** Saving and publishing what is edited. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "@/shared/api/errors";
import { type MyWorkflow, workflowQuery } from "@/shared/api/workflow";
import { notifyDone, notifyError } from "@/shared/ui/notify";
import { publishWorkflow, saveWorkflow } from "./api";
import { fromDefinition } from "./definition";
import { useEditorStore } from "./store";

export interface Saving {
  /** Resolves to whether the server has all of it now. */
  save(): Promise<boolean>;
  publish(): Promise<boolean>;
  busy: boolean;
}

export function useSave(current: MyWorkflow): Saving {
  const store = useEditorStore();
  const queries = useQueryClient();
  const { queryKey } = workflowQuery(current.workflow_id);

  const saving = useMutation({
    mutationFn: async () => {
      const { history, saved } = store.getState();
      const sent = history.present;
      const { data, etag } = await saveWorkflow(current.workflow_id, saved.revision, sent, current);
      store.getState().markSaved(data.revision, sent, fromDefinition(data.definition));
      queries.setQueryData(queryKey, { data: { ...current, ...data }, etag });
    },
    onError: (error) => {
      if (error instanceof ApiError && error.status === 412) void queries.invalidateQueries({ queryKey });
      notifyError("save the workflow", error);
    },
  });

  const publishing = useMutation({
    mutationFn: () => publishWorkflow(current.workflow_id, store.getState().saved.revision),
    onSuccess: (published) => {
      const etag = `"${published.revision}"`;
      queries.setQueryData(queryKey, { data: { ...current, ...published }, etag });
      notifyDone("Published: from now on, this revision runs.");
    },
    onError: (error) => notifyError("publish the workflow", error),
  });

  const succeeded = (promise: Promise<unknown>) =>
    promise.then(
      () => true,
      () => false,
    );
  return {
    save: () => succeeded(saving.mutateAsync()),
    publish: () => succeeded(publishing.mutateAsync()),
    busy: saving.isPending || publishing.isPending,
  };
}
