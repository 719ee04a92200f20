/** What somebody has changed and not saved, kept in the browser: a crash or a reload takes nothing away. */
import type { Workflow } from "@/graph/workflow";
import { ownKey } from "@/shared/api/session";

export interface Draft {
  /** The revision that was changed, as the server has it. */
  readonly revision: number;
  readonly base: Workflow;
  readonly workflow: Workflow;
  /** An ISO time. */
  readonly at: string;
}

const FORMAT = 1;
const place = (workflowId: string) => ownKey(`draft:${workflowId}`);

/** Whether there was room for it. */
export function keepDraft(workflowId: string, draft: Draft): boolean {
  try {
    localStorage.setItem(place(workflowId), JSON.stringify({ format: FORMAT, ...draft }));
    return true;
  } catch {
    return false;
  }
}

export function dropDraft(workflowId: string): void {
  try {
    localStorage.removeItem(place(workflowId));
  } catch {
    // Where nothing can be kept, nothing has to go.
  }
}

export function readDraft(workflowId: string): Draft | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(place(workflowId)) ?? "null");
    return isDraft(kept) ? kept : null;
  } catch {
    return null;
  }
}

function isDraft(kept: unknown): kept is Draft {
  if (typeof kept !== "object" || kept === null) return false;
  const { format, revision, base, workflow, at } = kept as Record<string, unknown>;
  return (
    format === FORMAT &&
    typeof revision === "number" &&
    typeof at === "string" &&
    isWorkflow(base) &&
    isWorkflow(workflow)
  );
}

function isWorkflow(value: unknown): value is Workflow {
  return (
    typeof value === "object" &&
    value !== null &&
    Array.isArray((value as Workflow).nodes) &&
    Array.isArray((value as Workflow).connections)
  );
}
