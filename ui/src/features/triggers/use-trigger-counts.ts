/** How many there are of each kind of trigger, so that the page opens at what a workflow has. */
import { type UseQueryResult, useQueries } from "@tanstack/react-query";
import { formsQuery } from "./forms/forms";
import { listenersQuery } from "./listeners/listeners";
import { schedulesQuery } from "./schedules/api";
import type { TriggerTab } from "./search";
import { webhooksQuery } from "./webhooks/api";

interface TriggerCounts {
  readonly counts: Readonly<Partial<Record<TriggerTab, number>>>;
  /** The first of which there is something, else the first of all; null while that is not known. */
  readonly first: TriggerTab | null;
}

export function useTriggerCounts(workflowId: string): TriggerCounts {
  return useQueries({
    queries: [
      webhooksQuery(workflowId),
      schedulesQuery(workflowId),
      formsQuery(workflowId),
      listenersQuery(workflowId),
    ],
    combine: ([webhooks, schedules, forms, listeners]) =>
      countsOf([
        ["webhooks", webhooks],
        ["schedules", schedules],
        ["forms", forms],
        ["listeners", listeners],
      ]),
  });
}

type Asked = Pick<UseQueryResult<readonly unknown[]>, "data" | "isFetched">;

/**
 * What comes before is waited for, so that nothing jumps. What could not be loaded counts as nothing, also while it is
 * asked for again: the tab that is opened then does just that.
 */
export function countsOf(asked: readonly (readonly [TriggerTab, Asked])[]): TriggerCounts {
  const counts = Object.fromEntries(asked.map(([tab, { data }]) => [tab, data?.length ?? 0]));
  for (const [tab, { isFetched, data }] of asked) {
    if (!isFetched) return { counts, first: null };
    if (data !== undefined && data.length > 0) return { counts, first: tab };
  }
  return { counts, first: "webhooks" };
}
