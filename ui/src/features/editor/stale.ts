/** What happens when somebody else has saved: both changes are brought together, and a person decides about conflicts. */
import { merge } from "@/graph/merge";
import type { Workflow } from "@/graph/workflow";
import type { MyWorkflow } from "@/shared/api/workflow";
import { notifyDone } from "@/shared/ui/notify";
import { fromDefinition } from "./definition";
import type { EditorStore } from "./store";

export interface Stale {
  /** What both began with. */
  readonly base: Workflow;
  readonly mine: Workflow;
  readonly theirs: Workflow;
  /** Of theirs; null where theirs is what is drawn here, and mine what was left in another tab. */
  readonly revision: number | null;
  /** Goes on editing with this; it is not saved yet, and can be undone. */
  accept(merged: Workflow): void;
}

export type OnStale = (stale: Stale) => void;

/** Shows what differs to whoever can; without anybody, brings together what can be. */
export function bringTogether(
  store: EditorStore,
  current: MyWorkflow,
  mine: { base: Workflow; workflow: Workflow },
  onStale: OnStale | undefined,
): void {
  const definition = fromDefinition(current.definition);
  const accept = (merged: Workflow) =>
    store.getState().adopt("Merge", merged, { revision: current.revision, definition });
  const stale: Stale = {
    base: mine.base,
    mine: mine.workflow,
    theirs: definition,
    revision: current.revision,
    accept,
  };
  if (onStale) {
    onStale(stale);
    return;
  }
  const { merged, conflicts } = merge(stale.base, stale.mine, stale.theirs);
  accept(merged);
  notifyDone(
    conflicts.length === 0
      ? "Somebody else has saved. Both changes are together now: look at them, and save."
      : `Somebody else has saved. Where both changed the same (${conflicts.map(({ what }) => what).join(", ")}), yours stays. Look at it, and save.`,
  );
}

/** Brings what was left in another tab together with what is drawn here; `done` once that is decided. */
export function takeIn(
  store: EditorStore,
  left: { base: Workflow; workflow: Workflow },
  onStale: OnStale | undefined,
  done: () => void,
): void {
  const here = store.getState().history.present;
  const accept = (merged: Workflow) => {
    if (merged !== here) store.getState().change({ label: "Take in what was left", apply: () => merged });
    done();
  };
  if (onStale) onStale({ base: left.base, mine: left.workflow, theirs: here, revision: null, accept });
  else accept(merge(left.base, left.workflow, here).merged);
}
