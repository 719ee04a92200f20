/** Keeps what is not saved, and brings it back when the workflow is opened again. */
import { notifications } from "@mantine/notifications";
import { useEffect, useState } from "react";
import { countDifferences, diff } from "@/graph/diff";
import { flushDrafts } from "@/shared/schema-form/use-draft";
import { notifyDone } from "@/shared/ui/notify";
import { type EditorStore, isDirty, useEditorStore } from "../store";
import { type Draft, dropDraft, keepDraft, readDraft } from "./draft";

const PAUSE = 400;

/** What was not saved, where somebody else has saved since: what becomes of it is to be decided. */
export function useDrafts(): { pending: Draft | null; settled(): void } {
  const store = useEditorStore();
  const [pending, setPending] = useState<Draft | null>(null);
  useEffect(() => {
    setPending(bringBack(store));
    return keep(store);
  }, [store]);
  return { pending, settled: () => setPending(null) };
}

/** Brings the draft back, if it is one of the revision that is open; else gives it. */
function bringBack(store: EditorStore): Draft | null {
  const { workflowId, saved, readOnly, history, change } = store.getState();
  // Where something has been done already, the page was there all the time.
  if (readOnly || history.past !== null) return null;
  const draft = readDraft(workflowId);
  // It was saved after all, and nobody was here any more to hear of it.
  if (draft !== null && countDifferences(diff(draft.workflow, saved.definition)) === 0) {
    dropDraft(workflowId);
    return null;
  }
  if (draft === null || draft.revision !== saved.revision) return draft;
  change({ label: "Bring back what was not saved", apply: () => draft.workflow });
  notifyDone("What you had not saved is back. Undo takes it away, Save keeps it.");
  return null;
}

let isSaid = false;

function sayThatNothingIsKept(): void {
  if (isSaid) return;
  isSaid = true;
  notifications.show({
    title: "This browser keeps nothing that is not saved",
    message: "It has no room left, or does not allow it. Save before you close or reload this page.",
    color: "orange",
    autoClose: false,
  });
}

function keep(store: EditorStore): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = () => {
    timer = undefined;
    const state = store.getState();
    const { workflowId, saved, history } = state;
    if (!isDirty(state)) dropDraft(workflowId);
    else {
      const at = new Date().toISOString();
      const draft = { revision: saved.revision, base: saved.definition, workflow: history.present, at };
      if (!keepDraft(workflowId, draft)) sayThatNothingIsKept();
    }
  };
  const flush = () => {
    flushDrafts();
    if (timer === undefined) return;
    clearTimeout(timer);
    write();
  };
  const unsubscribe = store.subscribe((now, before) => {
    if (now.history.present === before.history.present && now.saved === before.saved) return;
    clearTimeout(timer);
    timer = setTimeout(write, PAUSE);
  });
  addEventListener("pagehide", flush);
  return () => {
    unsubscribe();
    removeEventListener("pagehide", flush);
    flush();
  };
}
