/** Whether two workflows differ in nothing but where things are drawn, so that neither has other problems. */
import type { Workflow, WorkflowNode } from "@/graph/workflow";

export function meansTheSame(one: Workflow, other: Workflow): boolean {
  if (one === other) return true;
  const { nodes: _nodes, annotations: _drawn, ...rest } = one;
  const { nodes: _others, annotations: _otherwise, ...others } = other;
  return sameFields(rest, others) && sameNodes(one.nodes, other.nodes);
}

function sameNodes(nodes: readonly WorkflowNode[], others: readonly WorkflowNode[]): boolean {
  if (nodes === others) return true;
  return nodes.length === others.length && nodes.every((node, index) => sameNode(node, others[index]));
}

function sameNode(node: WorkflowNode, other: WorkflowNode | undefined): boolean {
  if (node === other) return true;
  if (other === undefined) return false;
  const { position: _here, ...rest } = node;
  const { position: _there, ...others } = other;
  return sameFields(rest, others);
}

function sameFields(one: object, other: object): boolean {
  const fields = Object.entries(one);
  return (
    fields.length === Object.keys(other).length &&
    fields.every(([name, value]) => value === (other as Record<string, unknown>)[name])
  );
}
