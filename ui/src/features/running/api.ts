/** What running asks the server. */
import { type QueryKey, queryOptions } from "@tanstack/react-query";
import type { Json } from "@/graph/workflow";
import { call, client } from "@/shared/api/client";
import type { components } from "@/shared/api/schema";

export type Rehearsal = components["schemas"]["RehearsalShape"];
export type Going = "continue" | "step";

/** How much of the workflow is run. */
export type Extent = { kind: "all" } | { kind: "to" | "only"; node: string };

interface Start {
  readonly workflowId: string;
  readonly extent: Extent;
  readonly trigger: string | null;
  readonly data: Json;
  readonly breakpoints: ReadonlySet<string>;
  readonly usePins: boolean;
}

const MOST_EARLIER = 12;

/** Runs what is saved last. @throws ApiError */
export async function startRun(start: Start): Promise<string> {
  const { extent, trigger, data, breakpoints, usePins } = start;
  const started = await call(
    client.POST("/api/v1/workflows/{workflow_id}/run", {
      params: { path: { workflow_id: start.workflowId } },
      body: {
        trigger_data: data,
        ...(trigger !== null && { trigger_node_id: trigger }),
        ...(extent.kind === "to" && { to_node: extent.node }),
        ...(extent.kind === "only" && { only_node: extent.node }),
        breakpoints: [...breakpoints].map((node) => ({ node })),
        use_pins: usePins,
      },
    }),
  );
  return started.execution_id;
}

/** Runs what is published, for who may not change the workflow. @throws ApiError */
export async function startPublished({ workflowId, trigger, data, breakpoints }: Start): Promise<string> {
  const started = await call(
    client.POST("/api/v1/workflows/{workflow_id}/execute", {
      params: { path: { workflow_id: workflowId } },
      body: {
        trigger_data: data,
        ...(trigger !== null && { trigger_node_id: trigger }),
        breakpoints: [...breakpoints].map((node) => ({ node })),
      },
    }),
  );
  return started.execution_id;
}

/** What an execution that is over failed with, and all that is known of it. */
export function failureQuery(executionId: string) {
  return queryOptions({
    queryKey: ["running", "failure", executionId],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const params = { path: { execution_id: executionId } };
      return (await call(client.GET("/api/v1/workflows/executions/{execution_id}", { params, signal })))
        .error;
    },
  });
}

/** Says what would happen; nothing outside is changed. @throws ApiError */
export function rehearse(workflowId: string, trigger: string | null, data: Json): Promise<Rehearsal> {
  return call(
    client.POST("/api/v1/workflows/{workflow_id}/test", {
      params: { path: { workflow_id: workflowId } },
      body: { trigger_data: data, ...(trigger !== null && { trigger_node_id: trigger }) },
    }),
  );
}

const at = (executionId: string) => ({ params: { path: { execution_id: executionId } } });

/** @throws ApiError */
export function stopRun(executionId: string) {
  return call(client.POST("/api/v1/workflows/executions/{execution_id}/cancel", at(executionId)));
}

/** Lets it rest after the steps that are under way. @throws ApiError */
export function pauseRun(executionId: string) {
  return call(client.POST("/api/v1/workflows/executions/{execution_id}/pause", at(executionId)));
}

/** @throws ApiError */
export function resumeRun(executionId: string, mode: Going | null) {
  const body = mode === null ? {} : { mode };
  return call(
    client.POST("/api/v1/workflows/executions/{execution_id}/resume", { ...at(executionId), body }),
  );
}

/** Lets a run that is under way stop at these from now on. @throws ApiError */
export function changeBreakpoints(executionId: string, breakpoints: ReadonlySet<string>) {
  return call(
    client.PUT("/api/v1/workflows/executions/{execution_id}/breakpoints", {
      ...at(executionId),
      body: { breakpoints: [...breakpoints].map((node) => ({ node })) },
    }),
  );
}

/** What the queries of earlier runs begin with. */
export const EARLIER: readonly QueryKey[] = [["running", "earlier"]];

export function earlierQuery(workflowId: string) {
  return queryOptions({
    queryKey: ["running", "earlier", workflowId],
    queryFn: ({ signal }) =>
      call(
        client.GET("/api/v1/workflows/{workflow_id}/executions", {
          params: { path: { workflow_id: workflowId }, query: { per_page: MOST_EARLIER } },
          signal,
        }),
      ),
  });
}

/** The data that an execution was started with. @throws ApiError */
export async function readTriggerDataOf(executionId: string): Promise<{ trigger: string; data: Json }> {
  const read = await call(client.GET("/api/v1/workflows/executions/{execution_id}", at(executionId)));
  return { trigger: read.trigger_node_id, data: read.trigger_data as Json };
}

/** What a node last gave in an execution; undefined if it gave nothing, or too much to keep with a workflow. */
export async function readLastOutput(executionId: string, node: string): Promise<Json | undefined> {
  const sequence = await lastCompleted(executionId, node);
  if (sequence === undefined) return undefined;
  const { value, cuts } = await call(
    client.GET("/api/v1/workflows/executions/{execution_id}/steps/{sequence}/value", {
      params: { path: { execution_id: executionId, sequence }, query: { of: "output" } },
    }),
  );
  return cuts.length > 0 ? undefined : (value as Json);
}

/** The row of its last outcome, however often it ran; where that is no output, the row of an earlier one. */
async function lastCompleted(executionId: string, node: string): Promise<number | undefined> {
  const path = { execution_id: executionId };
  const nodes = await call(
    client.GET("/api/v1/workflows/executions/{execution_id}/nodes", { params: { path } }),
  );
  const found = nodes.find((one) => one.node_id === node);
  if (found?.last_status === "completed") return found.last_sequence;
  const steps = await call(
    client.GET("/api/v1/workflows/executions/{execution_id}/steps", {
      params: { path, query: { node_id: node, status: ["completed"], limit: 500 } },
    }),
  );
  return steps.at(-1)?.sequence;
}
