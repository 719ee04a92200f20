/** Laying out by ELK in a worker, so that the page stays free. The engine is loaded when it is first asked. */
import ELK from "elkjs/lib/elk-api";
import engine from "elkjs/lib/elk-worker.min.js?url";
import { type LaidOut, layoutGraph, type Positions, placesFrom, withoutLooseEdges } from "@/graph/layout";
import type { NodeTypes } from "@/graph/node-type";
import type { Workflow } from "@/graph/workflow";

/** Places for these nodes, or for all. */
export async function layOut(
  workflow: Workflow,
  types: NodeTypes,
  ids: ReadonlySet<string> | null,
): Promise<Positions> {
  const elk = new ELK({ workerFactory: () => new Worker(engine) });
  try {
    const graph = withoutLooseEdges(layoutGraph(workflow, types, ids));
    const laidOut = await elk.layout(graph as Parameters<typeof elk.layout>[0]);
    return placesFrom(laidOut as LaidOut, workflow, types);
  } finally {
    elk.terminateWorker();
  }
}
