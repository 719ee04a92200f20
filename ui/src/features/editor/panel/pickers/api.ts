/** What the pickers choose from. */
import { queryOptions } from "@tanstack/react-query";
import { call, client } from "@/shared/api/client";

export function connectionsQuery(kinds: readonly string[]) {
  return queryOptions({
    queryKey: ["connections", "of-kinds", ...kinds],
    queryFn: ({ signal }) =>
      call(
        client.GET("/api/v1/connections", {
          params: { query: { kind: [...kinds], per_page: 100, sort: "name" } },
          signal,
        }),
      ),
  });
}

export function testConnection(connectionId: string) {
  return call(
    client.POST("/api/v1/connections/{connection_id}/test", {
      params: { path: { connection_id: connectionId } },
    }),
  );
}

export const connectionKindsQuery = queryOptions({
  queryKey: ["connection-kinds"],
  queryFn: ({ signal }) => call(client.GET("/api/v1/connections/kinds", { signal })),
  staleTime: 10 * 60_000,
});

export const publishedQuery = queryOptions({
  queryKey: ["workflows", "published", "to-choose"],
  queryFn: ({ signal }) =>
    call(
      client.GET("/api/v1/workflows", {
        params: { query: { status: "published", per_page: 100, sort: "name" } },
        signal,
      }),
    ),
  staleTime: 30_000,
});

/** Only administrators may list people; everybody else types addresses. */
export const peopleQuery = queryOptions({
  queryKey: ["users", "to-choose"],
  queryFn: ({ signal }) =>
    call(client.GET("/api/v1/users", { params: { query: { enabled: true, per_page: 100 } }, signal })),
  retry: false,
  staleTime: 60_000,
});
