/** What the panel asks the server of a node's data: the names in scope, the language, and what expressions come to. */
import { queryOptions } from "@tanstack/react-query";
import type { Json } from "@/graph/workflow";
import { call, client } from "@/shared/api/client";
import type { components } from "@/shared/api/schema";

export type NodeContext = components["schemas"]["NodeContextShape"];
export type Reference = components["schemas"]["ExpressionReferenceShape"];
export type PreviewBody = components["schemas"]["PreviewExpressionBody"];

/** The names at a node as it was saved, with the values that they had in the last run. */
export function contextQuery(workflowId: string, nodeId: string, revision: number) {
  return queryOptions({
    queryKey: ["workflow", workflowId, "node-context", nodeId, revision],
    queryFn: ({ signal }) =>
      call(
        client.GET("/api/v1/workflows/{workflow_id}/nodes/{node_id}/context", {
          params: { path: { workflow_id: workflowId, node_id: nodeId } },
          signal,
        }),
      ),
    retry: false,
    staleTime: 10_000,
  });
}

/** The language changes with the installation only. */
export const referenceQuery = queryOptions({
  queryKey: ["expression-reference"],
  queryFn: ({ signal }) => call(client.GET("/api/v1/expressions/reference", { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

export function askPreview(body: PreviewBody, signal: AbortSignal) {
  return call(client.POST("/api/v1/expressions/preview", { body, signal }));
}

export type PreviewAnswer = Awaited<ReturnType<typeof askPreview>>;

/** The first item of a list that a template gives; undefined where that cannot be told. */
export function firstItemQuery(body: PreviewBody | null) {
  return queryOptions({
    queryKey: ["expression-first-item", body],
    enabled: body !== null,
    queryFn: async ({ signal }): Promise<Json | null> => {
      if (body === null) return null;
      const { value } = await askPreview(body, signal);
      const list = value?.value as Json | undefined;
      return Array.isArray(list) ? (list[0] ?? null) : null;
    },
    retry: false,
    staleTime: 30_000,
    placeholderData: (before) => before,
  });
}
