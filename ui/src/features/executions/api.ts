/** What the pages of executions ask the server. */
import {
  infiniteQueryOptions,
  keepPreviousData,
  type QueryClient,
  queryOptions,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import { call, callPage, client } from "@/shared/api/client";
import { ApiError } from "@/shared/api/errors";
import type { components } from "@/shared/api/schema";
import type { ExecutionsSearch } from "./search";

type Shapes = components["schemas"];
export type ExecutionHeader = Shapes["ExecutionHeaderShape"];
export type Execution = Shapes["ExecutionShape"];
export type StepLine = Shapes["StepLineShape"];
export type StepDetail = Shapes["StepDetailShape"];
export type NodeSummary = Shapes["NodeSummaryShape"];
export type Iteration = Shapes["IterationShape"];
export type Side = "input" | "output" | "error" | "changes" | "log";
export type BulkAction = Shapes["BulkBody"]["action"];

export const LIST = ["executions"] as const;
const OFTEN_MS = 15_000;
/** Where nothing is heard of live events. */
const LIVE_MS = 5_000;
const PAGE = 50;
const ROWS = 2000;
/** A longer journal is shown up to here. */
export const MOST_LINES = 50_000;

export function keyOf(executionId: string) {
  return ["execution", executionId] as const;
}

export function isOver(status: ExecutionHeader["status"] | undefined): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

export function executionsQuery(search: ExecutionsSearch) {
  return infiniteQueryOptions({
    queryKey: [...LIST, "list", search],
    placeholderData: keepPreviousData,
    refetchInterval: OFTEN_MS,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      callPage(
        client.GET("/api/v1/executions", {
          params: {
            query: {
              per_page: PAGE,
              with_total: false,
              ...(pageParam && { cursor: pageParam }),
              ...(search.status && { status: search.status }),
              ...(search.kind && { trigger_kind: search.kind }),
              ...(search.workflow && { workflow_id: search.workflow }),
              ...(search.text && { text: search.text }),
              ...(search.since && { started_after: search.since }),
              ...(search.until && { started_before: search.until }),
              ...(search.least && { least_seconds: search.least }),
              ...(search.drafts !== undefined && { drafts: search.drafts }),
            },
          },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.meta.next_cursor,
  });
}

export function executionQuery(executionId: string) {
  return queryOptions<Execution>({
    queryKey: [...keyOf(executionId), "state"],
    refetchInterval: ({ state }) => (isOver(state.data?.status) ? false : LIVE_MS),
    queryFn: ({ signal }): Promise<Execution> =>
      call(
        client.GET("/api/v1/workflows/executions/{execution_id}", {
          params: { path: { execution_id: executionId } },
          signal,
        }),
      ),
  });
}

/** The definition as it was; null for somebody who may not see the workflow. */
export function graphQuery(executionId: string) {
  return queryOptions({
    queryKey: [...keyOf(executionId), "graph"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      try {
        const params = { path: { execution_id: executionId } };
        return await call(
          client.GET("/api/v1/workflows/executions/{execution_id}/graph", { params, signal }),
        );
      } catch (error) {
        if (error instanceof ApiError && error.code === "WORKFLOW_NOT_FOUND") return null;
        throw error;
      }
    },
  });
}

export function nodesQuery(executionId: string, live: boolean) {
  return queryOptions({
    queryKey: [...keyOf(executionId), "nodes"],
    refetchInterval: live ? LIVE_MS : false,
    queryFn: ({ signal }) =>
      call(
        client.GET("/api/v1/workflows/executions/{execution_id}/nodes", {
          params: { path: { execution_id: executionId } },
          signal,
        }),
      ),
  });
}

/** All lines of the journal; what is there already is not asked for again. */
export function journalQuery(queries: QueryClient, executionId: string, live: boolean) {
  const queryKey = [...keyOf(executionId), "journal"];
  return queryOptions({
    queryKey,
    refetchInterval: live ? LIVE_MS : false,
    structuralSharing: false,
    queryFn: async ({ signal }): Promise<readonly StepLine[]> => {
      const known = queries.getQueryData<readonly StepLine[]>(queryKey) ?? [];
      const lines = [...known];
      let more = true;
      while (more && lines.length < MOST_LINES) {
        const page = await readLines(executionId, lines.at(-1)?.sequence ?? 0, signal);
        lines.push(...page.data);
        more = page.meta.next_after_sequence !== null;
      }
      return lines.length === known.length ? known : lines;
    },
  });
}

function readLines(executionId: string, after: number, signal: AbortSignal) {
  return callPage(
    client.GET("/api/v1/workflows/executions/{execution_id}/steps", {
      params: { path: { execution_id: executionId }, query: { after_sequence: after, limit: ROWS } },
      signal,
    }),
  );
}

/** The iterations in which a node ran, as many as can be chosen from. */
export interface Iterations {
  readonly all: readonly Iteration[];
  readonly more: boolean;
}

const MOST_ITERATIONS = 20_000;

export function iterationsQuery(executionId: string, nodeId: string, live = false) {
  return queryOptions<Iterations>({
    queryKey: [...keyOf(executionId), "iterations", nodeId],
    refetchInterval: live ? LIVE_MS : false,
    queryFn: async ({ signal }) => {
      const all: Iteration[] = [];
      let more = true;
      while (more && all.length < MOST_ITERATIONS) {
        const page = await readIterations(executionId, nodeId, all.at(-1)?.sequence ?? 0, signal);
        all.push(...page.data);
        more = page.meta.next_after_sequence !== null;
      }
      return { all, more };
    },
  });
}

function readIterations(executionId: string, nodeId: string, after: number, signal: AbortSignal) {
  return callPage(
    client.GET("/api/v1/workflows/executions/{execution_id}/iterations", {
      params: {
        path: { execution_id: executionId },
        query: { node_id: nodeId, after_sequence: after, limit: ROWS },
      },
      signal,
    }),
  );
}

export function stepQuery(executionId: string, sequence: number) {
  return queryOptions({
    queryKey: [...keyOf(executionId), "step", sequence],
    staleTime: 60_000,
    queryFn: ({ signal }) =>
      call(
        client.GET("/api/v1/workflows/executions/{execution_id}/steps/{sequence}", {
          params: { path: { execution_id: executionId, sequence } },
          signal,
        }),
      ),
  });
}

/** A part of a value that was cut. @throws ApiError */
export function readValue(executionId: string, sequence: number, of: Side, path: string, offset: number) {
  return call(
    client.GET("/api/v1/workflows/executions/{execution_id}/steps/{sequence}/value", {
      params: { path: { execution_id: executionId, sequence }, query: { of, path, offset, items: 500 } },
    }),
  );
}

/** Other executions of the workflow, to compare with. */
export function othersQuery(workflowId: string) {
  return queryOptions({
    queryKey: [...LIST, "others", workflowId],
    queryFn: ({ signal }) =>
      call(
        client.GET("/api/v1/executions", {
          params: { query: { workflow_id: workflowId, per_page: 30, with_total: false } },
          signal,
        }),
      ),
  });
}

/** The names of workflows, for the filter. */
export const workflowNamesQuery = queryOptions({
  queryKey: [...LIST, "workflows"],
  staleTime: 60_000,
  queryFn: ({ signal }) =>
    call(client.GET("/api/v1/workflows", { params: { query: { per_page: 100, sort: "name" } }, signal })),
});

function useRefresh() {
  const queries = useQueryClient();
  return (executionId?: string) => {
    void queries.invalidateQueries({ queryKey: LIST });
    if (executionId) void queries.invalidateQueries({ queryKey: keyOf(executionId) });
  };
}

export function useBulk() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ action, ids }: { action: BulkAction; ids: readonly string[] }) =>
      call(client.POST("/api/v1/executions/bulk", { body: { action, execution_ids: [...ids] } })),
    onSettled: () => refresh(),
  });
}

export function useControl(executionId: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (action: "cancel" | "pause") => {
      const params = { path: { execution_id: executionId } };
      return action === "cancel"
        ? call(client.POST("/api/v1/workflows/executions/{execution_id}/cancel", { params }))
        : call(client.POST("/api/v1/workflows/executions/{execution_id}/pause", { params }));
    },
    onSettled: () => refresh(executionId),
  });
}

export function useResume(executionId: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: Partial<Shapes["ResumeBody"]>) =>
      call(
        client.POST("/api/v1/workflows/executions/{execution_id}/resume", {
          params: { path: { execution_id: executionId } },
          body: body as Shapes["ResumeBody"],
        }),
      ),
    onSettled: () => refresh(executionId),
  });
}

export function useRetry(executionId: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (revision: "same" | "latest") =>
      call(
        client.POST("/api/v1/workflows/executions/{execution_id}/retry", {
          params: { path: { execution_id: executionId } },
          body: { revision },
        }),
      ),
    onSettled: () => refresh(),
  });
}

export function useFork(executionId: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: Partial<Shapes["ForkBody"]> & { node_id: string }) =>
      call(
        client.POST("/api/v1/workflows/executions/{execution_id}/fork", {
          params: { path: { execution_id: executionId } },
          body: body as Shapes["ForkBody"],
        }),
      ),
    onSettled: () => refresh(),
  });
}
