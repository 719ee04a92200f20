/** The figures, as the server counts them. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { call, client } from "@/shared/api/client";
import type { components } from "@/shared/api/schema";
import { type DashboardSearch, rangeAt } from "./range";

export type Overview = components["schemas"]["OverviewShape"];
export type Bucket = components["schemas"]["BucketShape"];
export type Outcomes = components["schemas"]["OutcomesShape"];

const OFTEN_MS = 30_000;

export function overviewQuery(search: DashboardSearch) {
  return queryOptions({
    queryKey: ["dashboard", search],
    refetchInterval: search.since ? false : OFTEN_MS,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const { since, until } = rangeAt(search, new Date());
      return call(
        client.GET("/api/v1/analytics/overview", {
          params: {
            query: {
              since: since.toISOString(),
              until: until.toISOString(),
              timezone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
              ...(search.workflow ? { workflow_id: search.workflow } : {}),
            },
          },
          signal,
        }),
      );
    },
  });
}

/** The names of workflows to choose from: the hundred that were changed last. */
export const workflowNames = queryOptions({
  queryKey: ["dashboard", "workflows"],
  staleTime: 60_000,
  queryFn: async () => {
    const found = await call(
      client.GET("/api/v1/workflows", { params: { query: { per_page: 100, sort: "-updated_at" } } }),
    );
    return found.map((one) => ({ value: one.workflow_id, label: one.name }));
  },
});
