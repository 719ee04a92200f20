/** What workflows can be made of. */
import { queryOptions } from "@tanstack/react-query";
import type { NodeType, NodeTypes } from "@/graph/node-type";
import { call, client } from "./client";

/** All installed node types, by name. They change with the installation only. */
export const nodeTypesQuery = queryOptions({
  queryKey: ["node-types"],
  queryFn: async ({ signal }): Promise<NodeTypes> => {
    const found = await call(client.GET("/api/v1/node-types", { signal }));
    return new Map(found.map((type) => [type.type, type as NodeType]));
  },
  staleTime: 10 * 60_000,
  gcTime: Number.POSITIVE_INFINITY,
});
