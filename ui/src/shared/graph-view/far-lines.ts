/** All connections of a drawing as a few lines: from so far none can be told from the others. */
import { sourceOf, targetOf } from "@/graph/connections";
import { portOffset } from "@/graph/geometry";
import type { Route } from "@/graph/routes";
import type { Connection } from "@/graph/workflow";
import type { Drawing } from "./drawing";
import { type FlowEdge, type FlowNode, HANDLE, type StepElement } from "./elements";
import { linePath } from "./line-path";
import { edgeRun } from "./run-look";

/** One path for each look. */
export function farLines(
  elements: ReadonlyMap<string, FlowNode>,
  edges: readonly FlowEdge[],
  { runStates, problems, routes }: Pick<Drawing, "runStates" | "problems" | "routes">,
): ReadonlyMap<string, string> {
  const paths = new Map<string, string[]>();
  for (const edge of edges) {
    const path = pathOf(elements.get(edge.source), elements.get(edge.target), edge, routes.get(edge.id));
    if (path === null || !edge.data) continue;
    const [look = "idle"] = edgeRun(edge.data.connection, runStates).split(" ");
    const kind = problems.has(edge.id) || (look === "idle" && edge.data.isError) ? "error" : look;
    const known = paths.get(kind);
    if (known) known.push(path);
    else paths.set(kind, [path]);
  }
  return new Map([...paths].map(([look, parts]) => [look, parts.join("")]));
}

interface Kept {
  readonly ends: string;
  readonly route: Route | undefined;
  readonly path: string;
}

/** While one step is dragged, all other lines are what they were. */
const kept = new WeakMap<FlowEdge, Kept>();

function pathOf(
  from: FlowNode | undefined,
  to: FlowNode | undefined,
  edge: FlowEdge,
  route: Route | undefined,
): string | null {
  if (from?.type !== "step" || to?.type !== "step" || !edge.data) return null;
  const ends = `${from.position.x} ${from.position.y} ${to.position.x} ${to.position.y} ${from.data.outputs.length}`;
  let known = kept.get(edge);
  if (known?.ends !== ends || known.route !== route) {
    known = { ends, route, path: curve(from, to, edge.data.connection, route) };
    kept.set(edge, known);
  }
  return known.path;
}

function curve(from: StepElement, to: StepElement, connection: Connection, route: Route | undefined): string {
  const { inputs } = to.data;
  const { outputs } = from.data;
  const out = outputs.findIndex((port) => port.name === sourceOf(connection).port);
  const into = inputs.indexOf(targetOf(connection).port);
  const begin = {
    x: from.position.x + (from.width ?? 0) + HANDLE,
    y: from.position.y + portOffset(Math.max(out, 0), outputs.length),
  };
  const end = { x: to.position.x - HANDLE, y: to.position.y + portOffset(Math.max(into, 0), inputs.length) };
  return linePath(begin, end, route, 0).path;
}
