/** What somebody has changed and not saved, kept in the browser: a crash or a reload takes nothing away. */
import type { Workflow } from "@/graph/workflow";
import { ownKey } from "@/shared/api/session";
import { THIS_TAB } from "./tabs";

export interface Draft {
  /** The revision that was changed, as the server has it. */
  readonly revision: number;
  readonly base: Workflow;
  readonly workflow: Workflow;
  /** An ISO time. */
  readonly at: string;
}

/** What a tab other than this one has kept. */
export interface LeftDraft extends Draft {
  readonly tab: string;
}

const FORMAT = 1;
/** Under no tab are those of the time when all tabs shared one. */
const SHARED = "";
/** Each tab has its own: two of them that change one workflow take nothing away from each other. */
const place = (workflowId: string, tab: string) =>
  ownKey(tab === SHARED ? `draft:${workflowId}` : `draft:${workflowId}:${tab}`);

/** Whether there was room for it. */
export function keepDraft(workflowId: string, draft: Draft, tab = THIS_TAB): boolean {
  try {
    const { revision, base, workflow, at } = draft;
    const kept = JSON.stringify({ format: FORMAT, revision, base, workflow, at });
    localStorage.setItem(place(workflowId, tab), kept);
    return true;
  } catch {
    return false;
  }
}

export function dropDraft(workflowId: string, tab = THIS_TAB): void {
  try {
    localStorage.removeItem(place(workflowId, tab));
  } catch {
    // Where nothing can be kept, nothing has to go.
  }
}

export function readDraft(workflowId: string, tab = THIS_TAB): Draft | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(place(workflowId, tab)) ?? "null");
    return isDraft(kept) ? kept : null;
  } catch {
    return null;
  }
}

/** Puts a draft of this tab out of the way of the next one: it is as if a tab had left it that is gone. */
export function setAside(workflowId: string): void {
  const draft = readDraft(workflowId);
  if (draft !== null && keepDraft(workflowId, draft, `${THIS_TAB}-${draft.revision}`)) dropDraft(workflowId);
}

/** Of all other tabs, the latest first; that of `first` before any other. */
export function otherDrafts(workflowId: string, first: string | null): LeftDraft[] {
  const shared = place(workflowId, SHARED);
  const found: LeftDraft[] = [];
  for (const key of keys()) {
    if (key !== shared && !key.startsWith(`${shared}:`)) continue;
    const tab = key.slice(shared.length + 1);
    const draft = tab === THIS_TAB ? null : readDraft(workflowId, tab);
    if (draft !== null) found.push({ ...draft, tab });
  }
  const isFirst = ({ tab }: LeftDraft) => (tab === first ? 1 : 0);
  return found.sort((one, other) => isFirst(other) - isFirst(one) || other.at.localeCompare(one.at));
}

/** All that this person has not saved at this browser, of whatever workflow, the latest first. */
export function allDrafts(): Array<LeftDraft & { readonly workflowId: string }> {
  const beginning = ownKey("draft:");
  const found = keys()
    .filter((key) => key.startsWith(beginning))
    .flatMap((key) => {
      const [workflowId = "", tab = SHARED] = key.slice(beginning.length).split(":");
      const draft = readDraft(workflowId, tab);
      return draft === null ? [] : [{ ...draft, workflowId, tab }];
    });
  return found.sort((one, other) => other.at.localeCompare(one.at));
}

function keys(): string[] {
  try {
    return Object.keys(localStorage);
  } catch {
    return [];
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
