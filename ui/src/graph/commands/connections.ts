/** Drawing, moving and cutting connections. */
import { connectionId, type End, makeConnection, sourceOf, targetOf } from "../connections";
import type { NodeTypes } from "../node-type";
import { inputsOf, outputsOf } from "../ports";
import type { Connection, Workflow, WorkflowNode } from "../workflow";
import type { Command } from "./nodes";

/** Whether it is allowed is for `canConnect` to say, before. What is connected already stays so. */
export const connect =
  (from: End, to: End): Command =>
  (workflow) =>
    withConnections(workflow, [makeConnection(from, to)]);

export const disconnect =
  (ids: ReadonlySet<string>): Command =>
  (workflow) => {
    const kept = workflow.connections.filter((connection) => !ids.has(connectionId(connection)));
    return kept.length === workflow.connections.length ? workflow : { ...workflow, connections: kept };
  };

/** Puts one end of a connection, or both, elsewhere. */
export const reconnect =
  (id: string, from: End, to: End): Command =>
  (workflow) => {
    const moved = makeConnection(from, to);
    if (connectionId(moved) === id) return workflow;
    return withConnections(disconnect(new Set([id]))(workflow), [moved]);
  };

/** Adds a node between the two ends of a connection: by its first input and its first output, where it has them. */
export const insertOnConnection =
  (id: string, node: WorkflowNode, types: NodeTypes): Command =>
  (workflow) => {
    const added = { ...workflow, nodes: [...workflow.nodes, node] };
    const cut = workflow.connections.find((connection) => connectionId(connection) === id);
    return cut === undefined ? added : splice(added, cut, node, types);
  };

/** Puts a node that is there already between the two ends of a connection. */
export const putOnConnection =
  (id: string, nodeId: string, types: NodeTypes): Command =>
  (workflow) => {
    const cut = workflow.connections.find((connection) => connectionId(connection) === id);
    const node = workflow.nodes.find((one) => one.id === nodeId);
    if (!cut || !node || cut.from === nodeId || cut.to === nodeId) return workflow;
    return splice(workflow, cut, node, types);
  };

function splice(workflow: Workflow, cut: Connection, node: WorkflowNode, types: NodeTypes): Workflow {
  const type = types.get(node.type);
  const input = inputsOf(type)[0];
  const output = outputsOf(type, node)[0]?.name;
  if (input === undefined) return workflow;
  const before = makeConnection(sourceOf(cut), { node: node.id, port: input });
  const after = output === undefined ? [] : [makeConnection({ node: node.id, port: output }, targetOf(cut))];
  return withConnections(disconnect(new Set([connectionId(cut)]))(workflow), [before, ...after]);
}

/** Connects what led to a node with what it led to, and takes the node away. */
export const removeAndBridge =
  (id: string): Command =>
  (workflow) => {
    const others = workflow.connections.filter(({ from, to }) => from !== id && to !== id);
    const before = workflow.connections.filter(({ to, from }) => to === id && from !== id).map(sourceOf);
    const after = workflow.connections.filter(({ from, to }) => from === id && to !== id).map(targetOf);
    const bridges = before.flatMap((from) => after.map((to) => makeConnection(from, to)));
    const left = { ...workflow, nodes: workflow.nodes.filter((node) => node.id !== id), connections: others };
    return withConnections(left, bridges);
  };

/** With those that are not there yet. */
export function withConnections(workflow: Workflow, added: readonly Connection[]): Workflow {
  const known = new Set(workflow.connections.map(connectionId));
  const fresh = added.filter((connection) => {
    const id = connectionId(connection);
    return known.has(id) ? false : known.add(id);
  });
  return fresh.length === 0 ? workflow : { ...workflow, connections: [...workflow.connections, ...fresh] };
}
