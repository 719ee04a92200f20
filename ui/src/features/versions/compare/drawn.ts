/** Two versions as one drawing: what is there after, with what went, and a mark for all that differs. */
import { connectionId } from "@/graph/connections";
import type { WorkflowDifference } from "@/graph/diff";
import type { Connection, Workflow } from "@/graph/workflow";
import type { Mark } from "@/shared/graph-view";

export interface DrawnDifference {
  readonly workflow: Workflow;
  readonly marks: ReadonlyMap<string, Mark>;
}

export function drawnDifference(after: Workflow, difference: WorkflowDifference): DrawnDifference {
  const { nodes, connections } = difference;
  const marks = new Map<string, Mark>();
  const put = (mark: Mark, ids: readonly string[]) => {
    for (const id of ids) marks.set(id, mark);
  };
  put("added", [...nodes.added.map(({ id }) => id), ...connections.added.map(connectionId)]);
  put("removed", [...nodes.removed.map(({ id }) => id), ...connections.removed.map(connectionId)]);
  put(
    "changed",
    nodes.changed.map(({ after: { id } }) => id),
  );
  const all = [...after.nodes, ...nodes.removed];
  const known = new Set(all.map(({ id }) => id));
  const drawable = ({ from, to }: Connection) => known.has(from) && known.has(to);
  const arrows = [...after.connections, ...connections.removed.filter(drawable)];
  return { workflow: { ...after, nodes: all, connections: arrows }, marks };
}
