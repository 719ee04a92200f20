/** All connections as a few lines, for drawings seen from so far that none can be hit. */
import { useStore, ViewportPortal } from "@xyflow/react";
import { useMemo } from "react";
import { sourceOf, targetOf } from "@/graph/connections";
import { portOffset } from "@/graph/geometry";
import type { Route, Routes } from "@/graph/routes";
import type { RunStates } from "@/graph/run-state";
import type { Connection } from "@/graph/workflow";
import styles from "./connection.module.css";
import { useDrawing } from "./drawing";
import { type FlowEdge, type FlowNode, HANDLE, type StepElement } from "./elements";
import { linePath } from "./line-path";
import { edgeRun } from "./run-look";

interface Props {
  nodes: readonly FlowNode[];
  edges: readonly FlowEdge[];
}

export function FarConnections({ nodes, edges }: Props) {
  const far = useDrawing((drawing) => drawing.detail !== "full");
  return far ? <Lines nodes={nodes} edges={edges} /> : null;
}

function Lines({ nodes, edges }: Props) {
  const runStates = useDrawing((drawing) => drawing.runStates);
  const routes = useDrawing((drawing) => drawing.routes);
  // Another map while steps are dragged.
  const placed = useStore((state) => state.nodeLookup);
  const lines = useMemo(() => {
    const elements = new Map(
      nodes.map((node) => [node.id, { ...node, position: placed.get(node.id)?.position ?? node.position }]),
    );
    return linesOf(elements as ReadonlyMap<string, FlowNode>, edges, runStates, routes);
  }, [nodes, edges, runStates, routes, placed]);
  return (
    <ViewportPortal>
      <svg className={styles.far} aria-hidden="true">
        {[...lines].map(([look, path]) => (
          <g
            key={look}
            className={styles.connection}
            data-look={look}
            data-error={look === "error" || undefined}
          >
            <path d={path} className={styles.line} />
          </g>
        ))}
      </svg>
    </ViewportPortal>
  );
}

/** One path for each look. */
function linesOf(
  elements: ReadonlyMap<string, FlowNode>,
  edges: readonly FlowEdge[],
  runStates: RunStates,
  routes: Routes,
): ReadonlyMap<string, string> {
  const paths = new Map<string, string[]>();
  for (const edge of edges) {
    const path = pathOf(elements.get(edge.source), elements.get(edge.target), edge, routes.get(edge.id));
    if (path === null || !edge.data) continue;
    const [look = "idle"] = edgeRun(edge.data.connection, runStates).split(" ");
    const kind = look === "idle" && edge.data.isError ? "error" : look;
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
