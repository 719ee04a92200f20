/** The versions of a workflow as the server has them. */
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { Workflow } from "@/graph/workflow";
import { call, callPage, client } from "@/shared/api/client";
import type { components } from "@/shared/api/schema";

export type Version = components["schemas"]["VersionShape"];

const KEY = "versions";

export function historyQuery(workflowId: string) {
  return infiniteQueryOptions({
    queryKey: [KEY, workflowId, "history"],
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam, signal }) =>
      callPage(
        client.GET("/api/v1/workflows/{workflow_id}/versions", {
          params: {
            path: { workflow_id: workflowId },
            query: { per_page: 50, ...(pageParam !== undefined && { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    getNextPageParam: ({ meta }) => meta.next_cursor ?? undefined,
  });
}

/** What a workflow was under a number: it never changes. */
export function versionQuery(workflowId: string, revision: number | null) {
  return queryOptions({
    queryKey: [KEY, workflowId, "one", revision],
    enabled: revision !== null,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const path = { workflow_id: workflowId, revision: revision ?? 1 };
      const asked = client.GET("/api/v1/workflows/{workflow_id}/versions/{revision}", {
        params: { path },
        signal,
      });
      return (await call(asked)).definition as unknown as Workflow;
    },
  });
}

function useChange<Given, Answer>(workflowId: string, change: (given: Given) => Promise<Answer>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => {
      for (const key of [[KEY, workflowId, "history"], ["workflow", workflowId], ["workflows"]]) {
        void queries.invalidateQueries({ queryKey: key });
      }
    },
  });
}

/** Saves a version as the next revision, if nobody saved since `current`. */
export function useRestore(workflowId: string) {
  return useChange(workflowId, ({ revision, current }: { revision: number; current: number }) =>
    call(
      client.POST("/api/v1/workflows/{workflow_id}/versions/{revision}/restore", {
        params: { path: { workflow_id: workflowId, revision }, header: { "If-Match": `"${current}"` } },
        body: {},
      }),
    ),
  );
}

/** Makes a version the one that runs. */
export function usePublishVersion(workflowId: string) {
  return useChange(workflowId, (revision: number) =>
    call(
      client.POST("/api/v1/workflows/{workflow_id}/publish", {
        params: { path: { workflow_id: workflowId } },
        body: { revision },
      }),
    ),
  );
}

/** Says what has changed with a version. */
export function useDescribe(workflowId: string) {
  return useChange(workflowId, ({ revision, message }: { revision: number; message: string }) =>
    call(
      client.PATCH("/api/v1/workflows/{workflow_id}/versions/{revision}", {
        params: { path: { workflow_id: workflowId, revision } },
        body: { message },
      }),
    ),
  );
}
