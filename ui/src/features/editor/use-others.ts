/** Hears at once who else saves or publishes the workflow that is open, and reads it anew then. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { MyWorkflow } from "@/shared/api/workflow";
import { workflowQuery } from "@/shared/api/workflow";
import { type Edit, useEdits } from "@/shared/live/use-live-lists";
import { notifyDone } from "@/shared/ui/notify";
import { useEditor } from "./store";

/** Who has saved the newest revision that is known; null where nobody said so. */
export function useOthers(current: MyWorkflow, saving: boolean): string | null {
  const workflowId = current.workflow_id;
  const queries = useQueryClient();
  const mine = useEditor(({ saved }) => saved.revision);
  const [heard, setHeard] = useState<readonly (Edit | null)[]>([]);
  const [savers, setSavers] = useState<{ revision: number; by: string } | null>(null);
  useEdits(workflowId, (edit) => setHeard((before) => [...before, edit]));
  useEffect(() => {
    // What is being saved from here is heard of as well, perhaps before its answer: then it is known which it was.
    if (heard.length === 0 || saving) return;
    setHeard([]);
    const news = heard.filter((edit) => edit === null || !isKnown(edit, current, mine));
    if (news.length === 0) return;
    for (const edit of news) {
      if (edit === null) continue;
      if (edit.revision > mine) setSavers({ revision: edit.revision, by: edit.by });
      else notifyDone(wordsOf(edit));
    }
    void queries.invalidateQueries({ queryKey: workflowQuery(workflowId).queryKey, exact: true });
  }, [heard, saving, mine, current, queries, workflowId]);
  return savers?.revision === current.revision ? savers.by : null;
}

function isKnown(edit: Edit, current: MyWorkflow, mine: number): boolean {
  if (edit.action === "describe_version") return true;
  if (edit.action === "update") return edit.revision <= mine;
  return (
    edit.action === "publish" &&
    edit.revision <= mine &&
    edit.published_revision === current.published_revision
  );
}

const DONE: Readonly<Record<string, string>> = {
  unpublish: "has taken this workflow out of service",
  archive: "has archived this workflow",
  restore: "has taken this workflow out of the archive",
  organise: "has changed how this workflow is kept",
};

function wordsOf({ action, by, published_revision: published }: Edit): string {
  if (action === "publish") return `${by} has published version ${published}.`;
  return `${by} ${DONE[action] ?? "has changed this workflow"}.`;
}
