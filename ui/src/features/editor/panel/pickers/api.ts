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

/** Published workflows, found by words. */
export function publishedQuery(words: string) {
  return queryOptions({
    queryKey: ["workflows", "published", "to-choose", words],
    queryFn: ({ signal }) =>
      call(
        client.GET("/api/v1/workflows", {
          params: {
            query: { status: "published", per_page: 50, sort: "name", ...(words ? { q: words } : {}) },
          },
          signal,
        }),
      ),
    staleTime: 30_000,
    placeholderData: (before) => before,
  });
}

/** The name of the workflow that is chosen; null for one that is not there, or not for the caller. */
export function workflowNameQuery(workflowId: string | null) {
  return queryOptions({
    queryKey: ["workflows", "name", workflowId],
    enabled: workflowId !== null,
    queryFn: async ({ signal }) => {
      const path = { workflow_id: workflowId ?? "" };
      const found = await call(client.GET("/api/v1/workflows/{workflow_id}", { params: { path }, signal }));
      return found.name;
    },
    retry: false,
    staleTime: 60_000,
  });
}

/** Where there are more, not all of them are known. */
export const MOST_PEOPLE = 100;

/** Only administrators may list people; everybody else types addresses. */
export const peopleQuery = queryOptions({
  queryKey: ["users", "to-choose"],
  queryFn: ({ signal }) =>
    call(
      client.GET("/api/v1/users", { params: { query: { enabled: true, per_page: MOST_PEOPLE } }, signal }),
    ),
  retry: false,
  staleTime: 60_000,
});
