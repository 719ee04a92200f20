/** Saving and publishing what is edited. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { ApiError } from "@/shared/api/errors";
import { type MyWorkflow, workflowQuery } from "@/shared/api/workflow";
import { notifyDone, notifyError } from "@/shared/ui/notify";
import { publishWorkflow, saveWorkflow } from "./api";
import { fromDefinition } from "./definition";
import { bringTogether } from "./stale";
import { useOnStale } from "./stale-context";
import { type EditorState, isDirty, useEditorStore } from "./store";

export interface Saving {
  /** Resolves to whether the server has all of it now. */
  save(): Promise<boolean>;
  /** Saves what is not saved yet, and makes it the revision that runs. */
  publish(): Promise<boolean>;
  readonly busy: boolean;
}

export function useSave(current: MyWorkflow): Saving {
  const onStale = useOnStale();
  const store = useEditorStore();
  const queries = useQueryClient();
  const query = workflowQuery(current.workflow_id);
  const keep = (data: Partial<MyWorkflow> & { revision: number }) =>
    queries.setQueryData(query.queryKey, (old) => ({
      data: { ...(old?.data ?? current), ...data },
      etag: `"${data.revision}"`,
    }));

  const saving = useMutation({
    mutationFn: async () => {
      const { history, saved } = store.getState();
      const sent = history.present;
      const { data } = await saveWorkflow(current.workflow_id, saved.revision, sent);
      store.getState().markSaved(data.revision, sent, fromDefinition(data.definition));
      keep(data);
    },
    onError: async (error) => {
      if (!(error instanceof ApiError) || error.status !== 412) {
        notifyError("save the workflow", error);
        return;
      }
      const { data } = await queries.fetchQuery({ ...query, staleTime: 0 });
      const { history, saved } = store.getState();
      bringTogether(store, data, { base: saved.definition, workflow: history.present }, onStale);
    },
  });

  const publishing = useMutation({
    mutationFn: () => publishWorkflow(current.workflow_id, store.getState().saved.revision),
    onSuccess: (published) => {
      keep(published);
      notifyDone(`Published: revision ${published.revision} runs from now on.`);
    },
    onError: (error) => notifyError("publish the workflow", error),
  });

  const under = useRef<Promise<boolean> | null>(null);
  const { mutateAsync: save, isPending: isSaving } = saving;
  const { mutateAsync: publish, isPending: isPublishing } = publishing;
  return useMemo(() => {
    const savable = (state: EditorState) => !state.readOnly && isDirty(state);
    const saveIt = async (): Promise<boolean> => {
      // One after the other: a second one would be refused for the revision that the first has made.
      while (under.current !== null) if (!(await under.current)) return false;
      if (!savable(store.getState())) return true;
      under.current = succeeded(save()).finally(() => {
        under.current = null;
      });
      return under.current;
    };
    return {
      save: saveIt,
      publish: async () => (await saveIt()) && succeeded(publish()),
      busy: isSaving || isPublishing,
    };
  }, [store, save, publish, isSaving, isPublishing]);
}

function succeeded(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  );
}
