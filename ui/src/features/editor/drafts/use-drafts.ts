/** Keeps what is not saved, and brings it back when the workflow is opened again. */
import { notifications } from "@mantine/notifications";
import { useEffect, useState } from "react";
import { countDifferences, diff } from "@/graph/diff";
import {
  dropDraft,
  keepDraft,
  type LeftDraft,
  otherDrafts,
  readDraft,
  setAside,
} from "@/shared/drafts/draft";
import { beThere, ifGone, THIS_TAB } from "@/shared/drafts/tabs";
import { flushDrafts } from "@/shared/schema-form/use-draft";
import { notifyDone } from "@/shared/ui/notify";
import { type EditorStore, isDirty, useEditorStore } from "../store";

const PAUSE = 400;

/** What was left unsaved and is not simply brought back: what becomes of it is to be decided, one after the other. */
export function useDrafts(): { pending: LeftDraft | null; settled(): void } {
  const store = useEditorStore();
  const [left, setLeft] = useState<readonly LeftDraft[]>([]);
  useEffect(() => {
    let isOver = false;
    void bringBack(store).then((found) => !isOver && setLeft(found));
    const stop = keep(store);
    return () => {
      isOver = true;
      stop();
    };
  }, [store]);
  const pending = left[0] ?? null;
  const settled = () => {
    if (pending !== null) dropDraft(store.getState().workflowId, pending.tab);
    setLeft(left.slice(1));
  };
  return { pending, settled };
}

/** Brings back what this tab has left, or one that is gone; gives what is left besides. */
async function bringBack(store: EditorStore): Promise<LeftDraft[]> {
  const { workflowId, readOnly } = store.getState();
  const last = beThere();
  const own = readDraft(workflowId);
  if (own !== null && !takeUp(store, { ...own, tab: THIS_TAB })) setAside(workflowId);
  const left: LeftDraft[] = [];
  let isElsewhere = false;
  for (const draft of otherDrafts(workflowId, last)) {
    let isTaken = false;
    const standing = await ifGone(draft.tab, () => {
      isTaken = takeUp(store, draft);
    });
    if (standing === "there") isElsewhere = !readOnly;
    else if (!isTaken) left.push(draft);
  }
  if (isElsewhere) sayThatItIsElsewhere();
  return left;
}

/** Whether nothing is to be decided about the draft any more. */
function takeUp(store: EditorStore, { tab }: LeftDraft): boolean {
  const { workflowId, saved, readOnly, history, change } = store.getState();
  // Another tab may have taken it up meanwhile.
  const draft = readDraft(workflowId, tab);
  if (draft === null) return true;
  // It was saved after all, and nobody was here any more to hear of it.
  if (countDifferences(diff(draft.workflow, saved.definition)) === 0) {
    dropDraft(workflowId, tab);
    return true;
  }
  // Where something has been done already, it does not go over that.
  if (readOnly || draft.revision !== saved.revision || history.past !== null) return false;
  if (tab !== THIS_TAB && keepDraft(workflowId, draft)) dropDraft(workflowId, tab);
  change({ label: "Bring back what was not saved", apply: () => draft.workflow });
  notifyDone("What you had not saved is back. Undo takes it away, Save keeps it.");
  return true;
}

function sayThatItIsElsewhere(): void {
  notifications.show({
    title: "This workflow is open in another tab",
    message:
      "You have changes there that are not saved. Each tab keeps its own; what one saves, the other sees.",
    color: "blue",
    autoClose: 10_000,
  });
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
