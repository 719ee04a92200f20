/** The log of who did what, and what was refused. */
import { infiniteQueryOptions } from "@tanstack/react-query";
import { callPage, client } from "@/shared/api/client";
import type { components } from "@/shared/api/schema";
import type { AuditFilter } from "./filter";

export type AuditEntry = components["schemas"]["AuditEntryShape"];

export function auditLog(filter: AuditFilter) {
  return infiniteQueryOptions({
    queryKey: ["audit", filter],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      callPage(
        client.GET("/api/v1/audit", { params: { query: { ...filter, cursor: pageParam, per_page: 50 } } }),
      ),
    getNextPageParam: (page) => page.meta.next_cursor,
    select: (found) => found.pages.flatMap((page) => page.data),
  });
}
