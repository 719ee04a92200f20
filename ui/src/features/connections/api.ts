/** Connections: what nodes sign in with at other systems. Secrets go in and never come out. */
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call, callPage, client } from "@/shared/api/client";
import type { components } from "@/shared/api/schema";
import type { ConnectionBody } from "./draft";

export type Connection = components["schemas"]["ConnectionShape"];
export type ConnectionKind = components["schemas"]["ConnectionKindShape"];

const KEY = "connections";

export const connectionKinds = queryOptions({
  queryKey: [KEY, "kinds"],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: () => call(client.GET("/api/v1/connections/kinds")),
});

export function connectionList(kinds: readonly string[]) {
  return infiniteQueryOptions({
    queryKey: [KEY, "list", kinds],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      callPage(
        client.GET("/api/v1/connections", {
          params: { query: { kind: [...kinds], per_page: 50, sort: "name", cursor: pageParam } },
        }),
      ),
    getNextPageParam: (page) => page.meta.next_cursor,
    select: (found) => found.pages.flatMap((page) => page.data),
  });
}

/** The communities in which the person may make things, by their names. */
export const ownCommunities = queryOptions({
  queryKey: [KEY, "communities"],
  staleTime: 60_000,
  queryFn: async () => {
    const [me, all] = await Promise.all([
      call(client.GET("/api/v1/me")),
      call(client.GET("/api/v1/communities", { params: { query: { per_page: 100 } } })),
    ]);
    const makes = new Set(
      me.communities
        .filter((one) => one.role === "admin" || one.role === "editor")
        .map((one) => one.community_id),
    );
    return all.filter((one) => me.administrator || makes.has(one.community_id));
  },
});

/** Makes a connection, or changes the one that is given. */
export function useSaveConnection(connection: Connection | undefined) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: ConnectionBody) => (connection ? change(connection, body) : create(body)),
    onSuccess: refresh,
  });
}

// The document tells the kinds apart by their bodies; which of them this is, only its schema says.
function create(body: ConnectionBody): Promise<Connection> {
  return call(client.POST("/api/v1/connections", { body: body as never }));
}

function change(connection: Connection, body: ConnectionBody): Promise<Connection> {
  return call(
    client.PUT("/api/v1/connections/{connection_id}", {
      params: { path: pathOf(connection), header: { "If-Match": `"${connection.revision}"` } },
      body: body as never,
    }),
  );
}

export function useRotate() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ connection, secrets }: { connection: Connection; secrets: Record<string, string> }) =>
      call(
        client.POST("/api/v1/connections/{connection_id}/rotate", {
          params: { path: pathOf(connection) },
          body: { secrets },
        }),
      ),
    onSuccess: refresh,
  });
}

export function useTestConnection() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (connection: Connection) =>
      call(client.POST("/api/v1/connections/{connection_id}/test", { params: { path: pathOf(connection) } })),
    onSuccess: refresh,
  });
}

/** Where to sign in at the other side. */
export function useAuthorize() {
  return useMutation({
    mutationFn: (connection: Connection) =>
      call(
        client.POST("/api/v1/connections/{connection_id}/authorize", {
          params: { path: pathOf(connection) },
        }),
      ),
  });
}

export function useDeleteConnection() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ connection, force }: { connection: Connection; force: boolean }) =>
      call(
        client.DELETE("/api/v1/connections/{connection_id}", {
          params: { path: pathOf(connection), query: { force } },
        }),
      ),
    onSuccess: refresh,
  });
}

function pathOf(connection: Connection) {
  return { connection_id: connection.connection_id };
}

function useRefresh() {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: [KEY, "list"] });
}
