/** Other systems whose operations are steps: what the server knows of them. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call, client } from "@/shared/api/client";
import type { components } from "@/shared/api/schema";

export type Connector = components["schemas"]["ConnectorShape"];
export type Wanted = components["schemas"]["OpenApiBody"];

const KEY = "connectors";

export const connectorsQuery = queryOptions({
  queryKey: [KEY],
  queryFn: ({ signal }) => call(client.GET("/api/v1/connectors", { signal })),
});

/** What is there changes, and so do the steps that can be drawn. */
function useRefresh() {
  const cache = useQueryClient();
  return () =>
    Promise.all([
      cache.invalidateQueries({ queryKey: [KEY] }),
      cache.invalidateQueries({ queryKey: ["node-types"] }),
    ]);
}

export function useImport() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: Wanted) => call(client.POST("/api/v1/connectors/openapi", { body })),
    onSuccess: refresh,
  });
}

export function useRemove() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ connector, force }: { connector: Connector; force: boolean }) =>
      call(
        client.DELETE("/api/v1/connectors/{connector_id}", {
          params: { path: { connector_id: connector.connector_id }, query: { force } },
        }),
      ),
    onSuccess: refresh,
  });
}
