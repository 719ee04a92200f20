/** One workflow, with its ETag: what the pages of a workflow share. */
import { queryOptions } from "@tanstack/react-query";
import { callTagged, client } from "./client";
import type { components } from "./schema";

export type MyWorkflow = components["schemas"]["MyWorkflowShape"];

export function workflowQuery(workflowId: string) {
  return queryOptions({
    queryKey: ["workflow", workflowId],
    queryFn: ({ signal }) =>
      callTagged(
        client.GET("/api/v1/workflows/{workflow_id}", {
          params: { path: { workflow_id: workflowId } },
          signal,
        }),
      ),
  });
}
