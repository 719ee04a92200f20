/** Where a step comes that somebody adds without saying where. */
import { sourceOf } from "@/graph/connections";
import type { NodeType, NodeTypes } from "@/graph/node-type";
import { outputsOf } from "@/graph/ports";
import type { Workflow, WorkflowNode } from "@/graph/workflow";
import type { EditorState } from "../store";
import type { Intent } from "./placing";

/** After the step that is selected, by its first free port; else in the middle of what is seen. */
export function besideSelected(
  { history, nodeTypes, selection, canvas }: EditorState,
  type: NodeType,
): Intent {
  const [id] = selection.nodes;
  const node = history.present.nodes.find((one) => one.id === id);
  const port = node && freePort(history.present, node, nodeTypes);
  if (node && port && type.inputs.length > 0) return { kind: "after", end: { node: node.id, port } };
  return { kind: "free", position: canvas?.place() ?? { x: 0, y: 0 } };
}

/** The first output that leads nowhere yet, else the first; null where there is none. */
export function freePort(workflow: Workflow, node: WorkflowNode, types: NodeTypes): string | null {
  const taken = new Set(
    workflow.connections.map(sourceOf).flatMap((end) => (end.node === node.id ? [end.port] : [])),
  );
  const names = outputsOf(types.get(node.type), node).map((port) => port.name);
  return names.find((name) => !taken.has(name)) ?? names[0] ?? null;
}
