/** Saving and publishing what is edited. */
import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { countDifferences, diff } from "@/graph/diff";
import type { Workflow } from "@/graph/workflow";
import { ApiError, isForNow } from "@/shared/api/errors";
import { type MyWorkflow, workflowQuery } from "@/shared/api/workflow";
import { dropDraft } from "@/shared/drafts/draft";
import { flushDrafts } from "@/shared/schema-form/use-draft";
import { notifyDone, notifyError } from "@/shared/ui/notify";
import { publishWorkflow, saveWorkflow } from "./api";
import { fromDefinition } from "./definition";
import { createLater, type Later } from "./later";
import { bringTogether, type OnStale } from "./stale";
import { useOnStale } from "./stale-context";
import { type EditorState, type EditorStore, isDirty, useEditorStore } from "./store";

export interface Saving {
  /** Resolves to whether the server has all of it now. */
  save(): Promise<boolean>;
  /** Saves what is not saved yet, and makes it the revision that runs. */
  publish(message: string): Promise<boolean>;
  readonly busy: boolean;
}

export function useSave(current: MyWorkflow): Saving {
  const onStale = useOnStale();
  const store = useEditorStore();
  const queries = useQueryClient();
  const keep = (data: Partial<MyWorkflow> & { revision: number }) => keepIn(queries, current, data);
  const later = useLater();
  // Sent, and no answer came: it may be there.
  const unanswered = useRef<Workflow | null>(null);

  const send = async () => {
    const { history, saved } = store.getState();
    const sent = history.present;
    try {
      const { data } = await saveWorkflow(current.workflow_id, saved.revision, sent);
      store.getState().markSaved(data.revision, sent, fromDefinition(data.definition));
      keep(data);
      unanswered.current = null;
      // The page may be left by now, and with it who else does this.
      if (!isDirty(store.getState())) dropDraft(current.workflow_id);
    } catch (error) {
      if (isForNow(error)) unanswered.current = sent;
      throw error;
    }
  };

  const refused = (doing: string, error: Error) => {
    notifyError(doing, error);
    // What one may do here has changed, or the workflow is gone: the page says so once it knows.
    if (error instanceof ApiError && (error.status === 403 || error.status === 404))
      void queries.invalidateQueries({ queryKey: workflowQuery(current.workflow_id).queryKey, exact: true });
  };

  const saving = useMutation({
    mutationFn: async () => {
      try {
        await send();
      } catch (error) {
        if (!isStale(error)) throw error;
        const query = workflowQuery(current.workflow_id);
        const { data } = await queries.fetchQuery({ ...query, staleTime: 0 });
        if (!isOurs(store, data, unanswered.current)) {
          bringIn(store, data, onStale);
          throw error;
        }
        if (isDirty(store.getState())) await send();
      }
    },
    onSuccess: () => later.settled(),
    onError: (error) => {
      if (isForNow(error)) later.failed(error);
      else if (!isStale(error)) refused("save the workflow", error);
    },
  });

  const publishing = useMutation({
    mutationFn: (message: string) =>
      publishWorkflow(current.workflow_id, store.getState().saved.revision, message),
    onSuccess: (published) => {
      keep(published);
      notifyDone(`Published: version ${published.revision} runs from now on.`);
    },
    onError: (error) => refused("publish the workflow", error),
  });

  const under = useRef<Promise<boolean> | null>(null);
  const { mutateAsync: save, isPending: isSaving } = saving;
  const { mutateAsync: publish, isPending: isPublishing } = publishing;
  const made = useMemo(() => {
    const savable = (state: EditorState) => !state.readOnly && isDirty(state);
    const saveIt = async (): Promise<boolean> => {
      flushDrafts();
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
      publish: async (message: string) => (await saveIt()) && succeeded(publish(message)),
      busy: isSaving || isPublishing,
    };
  }, [store, save, publish, isSaving, isPublishing]);
  later.again = made.save;
  return made;
}

function useLater(): Later {
  const later = useRef<Later | null>(null);
  later.current ??= createLater();
  const { stop } = later.current;
  useEffect(() => stop, [stop]);
  return later.current;
}

function isStale(error: unknown): boolean {
  return error instanceof ApiError && error.status === 412;
}

/** Whether what the server has is from here: it arrived, and only its answer was lost. */
function isOurs(store: EditorStore, data: MyWorkflow, unanswered: Workflow | null): boolean {
  const theirs = fromDefinition(data.definition);
  const arrived = [store.getState().history.present, unanswered].find(
    (one) => one !== null && countDifferences(diff(one, theirs)) === 0,
  );
  if (!arrived) return false;
  store.getState().markSaved(data.revision, arrived, theirs);
  return true;
}

function bringIn(store: EditorStore, data: MyWorkflow, onStale: OnStale | undefined): void {
  const { history, saved } = store.getState();
  bringTogether(store, data, { base: saved.definition, workflow: history.present }, onStale);
}

function keepIn(queries: QueryClient, current: MyWorkflow, data: Partial<MyWorkflow> & { revision: number }) {
  queries.setQueryData(workflowQuery(current.workflow_id).queryKey, (old) => ({
    data: { ...(old?.data ?? current), ...data },
    etag: `"${data.revision}"`,
  }));
}

function succeeded(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  );
}
