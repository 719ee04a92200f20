/** Nodes by their ids, made once for each list of nodes. */
import type { Workflow, WorkflowNode } from "./workflow";

const made = new WeakMap<readonly WorkflowNode[], ReadonlyMap<string, WorkflowNode>>();

export function nodesById({ nodes }: Workflow): ReadonlyMap<string, WorkflowNode> {
  let byId = made.get(nodes);
  if (byId === undefined) {
    byId = new Map(nodes.map((node) => [node.id, node]));
    made.set(nodes, byId);
  }
  return byId;
}
