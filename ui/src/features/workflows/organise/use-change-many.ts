/** One change to many workflows, and what is said of it: how many were changed, and why others were not. */
import { notifyDone, notifyError } from "@/shared/ui/notify";
import { type BulkChange, useBulk, type WorkflowLine } from "../api";

const DONE: Readonly<Record<BulkChange["action"], string>> = {
  publish: "Published",
  unpublish: "Not published any more",
  enable: "Switched on",
  disable: "Switched off",
  archive: "Archived",
  restore: "Out of the archive, as drafts",
  tag: "Tagged",
  move: "Moved",
};

export function useChangeMany() {
  const bulk = useBulk();
  return (lines: readonly WorkflowLine[], change: BulkChange): void => {
    const names = new Map(lines.map((line) => [line.workflow_id, line.name]));
    // What was selected, and the bar that asked, may be gone when the answer comes.
    bulk.mutateAsync({ ids: [...names.keys()], change }).then(
      (results) => tell(change.action, results, names),
      (error: unknown) => notifyError(`${change.action} the workflows`, error),
    );
  };
}

type Results = Awaited<ReturnType<ReturnType<typeof useBulk>["mutateAsync"]>>;

function tell(action: BulkChange["action"], results: Results, names: ReadonlyMap<string, string>): void {
  const failed = results.filter((result) => result.error !== null);
  const done = results.length - failed.length;
  if (done > 0) notifyDone(`${DONE[action]}: ${done === 1 ? "1 workflow" : `${done} workflows`}.`);
  for (const { workflow_id, error } of failed.slice(0, 3)) {
    notifyError(`${action} “${names.get(workflow_id)}”`, new Error(error?.message));
  }
  if (failed.length > 3) {
    notifyError(`${action} ${failed.length - 3} more`, new Error("Try them one by one to see why."));
  }
}
