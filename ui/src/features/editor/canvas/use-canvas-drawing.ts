/** What the editor knows of steps beside the workflow, as the drawing shows it. */
import { useEffect, useState } from "react";
import { connectionId, targetOf } from "@/graph/connections";
import { nodesById } from "@/graph/lookup";
import type { NodeTypes } from "@/graph/node-type";
import { inputsOf } from "@/graph/ports";
import type { Problem } from "@/graph/problems";
import type { Connection, Workflow } from "@/graph/workflow";
import { createDrawing, type DrawingStore, type DrawnProblem } from "@/shared/graph-view/drawing";
import { type Person, usePeopleByNode } from "@/shared/live/presence";
import { useEditor, useEditorStore } from "../store";

export function useCanvasDrawing(breakpoints: ReadonlySet<string>): DrawingStore {
  const store = useEditorStore();
  const nodeTypes = useEditor((state) => state.nodeTypes);
  const runStates = useEditor((state) => state.runStates);
  const problems = useEditor((state) => state.problems);
  const [drawing] = useState(() => createDrawing(nodeTypes));
  useEffect(() => drawing.setState({ nodeTypes }), [drawing, nodeTypes]);
  useEffect(() => drawing.setState({ runStates }), [drawing, runStates]);
  useEffect(() => {
    const { history } = store.getState();
    drawing.setState({ problems: byPlace(problems, history.present, nodeTypes) });
  }, [store, drawing, problems, nodeTypes]);
  useEffect(() => drawing.setState({ breakpoints }), [drawing, breakpoints]);
  const people = usePeopleByNode();
  useEffect(() => drawing.setState({ others: namesOf(people) }), [drawing, people]);
  return drawing;
}

/** Of others: a tab of one's own does not stand in one's way. */
function namesOf(people: ReadonlyMap<string, readonly Person[]>): ReadonlyMap<string, readonly string[]> {
  const found = [...people].map(
    ([node, at]) => [node, at.filter(({ you }) => !you).map(({ name }) => name)] as const,
  );
  return new Map(found.filter(([, names]) => names.length > 0));
}

/** By the id of the connection at fault where it is drawn, else of the node. */
function byPlace(
  problems: readonly Problem[],
  workflow: Workflow,
  types: NodeTypes,
): ReadonlyMap<string, readonly DrawnProblem[]> {
  const found = new Map<string, DrawnProblem[]>();
  for (const { node, connection, severity, message, fix } of problems) {
    const line = connection && isDrawn(connection, workflow, types) ? connectionId(connection) : null;
    const place = line ?? node;
    if (!place) continue;
    const drawn = { severity, message: line && fix ? `${message} ${fix}` : message };
    const known = found.get(place);
    if (known) known.push(drawn);
    else found.set(place, [drawn]);
  }
  return found;
}

/** One that ends where there is no port is not. */
function isDrawn(connection: Connection, workflow: Workflow, types: NodeTypes): boolean {
  const nodes = nodesById(workflow);
  const target = nodes.get(connection.to);
  if (target === undefined || !nodes.has(connection.from)) return false;
  return inputsOf(types.get(target.type)).includes(targetOf(connection).port);
}
