/** Whether one port may be connected with another, and if not, why not. */
import { connectionId, type End, makeConnection } from "./connections";
import type { NodeTypes } from "./node-type";
import { inputsOf, outputsOf } from "./ports";
import { descendants, ROOT, structure, structureOf } from "./structure";
import type { Workflow, WorkflowNode } from "./workflow";

export type Verdict = { readonly ok: true } | { readonly ok: false; readonly reason: string };

const YES: Verdict = { ok: true };
const no = (reason: string): Verdict => ({ ok: false, reason });

/** `without` is the id of a connection that the new one replaces. */
export function canConnect(
  workflow: Workflow,
  types: NodeTypes,
  from: End,
  to: End,
  without: string | null = null,
): Verdict {
  const source = workflow.nodes.find((node) => node.id === from.node);
  const target = workflow.nodes.find((node) => node.id === to.node);
  if (!source || !target) return no("One of the two nodes is not there any more.");
  return (
    missingPort(source, from, target, to, types) ??
    wrongWay(replaced(workflow, without), types, from, to) ??
    YES
  );
}

function replaced(workflow: Workflow, without: string | null): Workflow {
  if (without === null) return workflow;
  return {
    ...workflow,
    connections: workflow.connections.filter((connection) => connectionId(connection) !== without),
  };
}

function missingPort(
  source: WorkflowNode,
  from: End,
  target: WorkflowNode,
  to: End,
  types: NodeTypes,
): Verdict | null {
  const inputs = inputsOf(types.get(target.type));
  if (inputs.length === 0) return no("This node begins the workflow: nothing can lead into it.");
  if (!inputs.includes(to.port)) return no(`“${called(target, types)}” has no input “${to.port}”.`);
  if (!outputsOf(types.get(source.type), source).some((port) => port.name === from.port)) {
    return no(`“${called(source, types)}” has no output “${from.port}”.`);
  }
  return null;
}

function wrongWay(workflow: Workflow, types: NodeTypes, from: End, to: End): Verdict | null {
  if (from.node === to.node)
    return no("A node cannot lead to itself. To repeat steps, put them into a loop.");
  const added = makeConnection(from, to);
  const id = connectionId(added);
  if (workflow.connections.some((connection) => connectionId(connection) === id)) {
    return no("These two are connected already.");
  }
  const now = structure(workflow, types);
  if (descendants(now, to.node).has(from.node)) {
    return no("This would go round in a circle. To repeat steps, put them into the body of a loop.");
  }
  const then = structureOf(workflow.nodes, [...workflow.connections, added], types);
  return then.leaving.length > now.leaving.length ? no(leavesLoop(workflow, types, now.loopOf, from)) : null;
}

function leavesLoop(
  workflow: Workflow,
  types: NodeTypes,
  loopOf: ReadonlyMap<string, string>,
  from: End,
): string {
  const loop = workflow.nodes.find((node) => node.id === loopOf.get(from.node));
  if (loop === undefined || loop.id === ROOT) {
    return "What is in the body of a loop cannot also come from outside of it. Refer to values from before the loop instead.";
  }
  return `This would leave the loop “${called(loop, types)}”. Go on from its port “done” instead.`;
}

function called(node: WorkflowNode, types: NodeTypes): string {
  return node.name || types.get(node.type)?.title || node.id;
}
