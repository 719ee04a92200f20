/** Executions of all workflows, or of one. */
import { Skeleton, Stack } from "@mantine/core";
import { IconListDetails } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { useLiveLists } from "@/shared/live/use-live-lists";
import { EmptyState } from "@/shared/ui/empty-state";
import { ErrorState } from "@/shared/ui/error-state";
import { Page } from "@/shared/ui/page";
import { executionsQuery, LIST } from "../api";
import type { ExecutionLinks } from "../links";
import { BulkBar } from "../list/bulk-bar";
import { ExecutionTable } from "../list/execution-table";
import { FilterBar } from "../list/filter-bar";
import { type ExecutionsSearch, isNarrowed } from "../search";

interface Props {
  /** Only those of this workflow. */
  workflowId?: string;
  search: ExecutionsSearch;
  onSearch: (search: ExecutionsSearch) => void;
  links: ExecutionLinks;
  actions?: ReactNode;
}

const NONE: ReadonlySet<string> = new Set();

export function ExecutionsPage({ workflowId, search, onSearch, links, actions }: Props) {
  const [chosen, setChosen] = useState(NONE);
  const query = useInfiniteQuery(executionsQuery(workflowId ? { ...search, workflow: workflowId } : search));
  useLiveLists([LIST], workflowId);
  const { fetchNextPage } = query;
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const executions = useMemo(() => query.data?.pages.flatMap((page) => page.data) ?? [], [query.data]);
  const there = new Set(executions.map((one) => one.execution_id));
  const ids = [...chosen].filter((id) => there.has(id));
  return (
    <Page
      title="Executions"
      description="What ran, what runs, and what waits for something."
      actions={actions}
    >
      <FilterBar search={search} onSearch={onSearch} oneWorkflow={workflowId !== undefined} />
      <BulkBar ids={ids} onClear={() => setChosen(NONE)} />
      {query.isPending && <Loading />}
      {query.isError && !query.data && (
        <ErrorState error={query.error} doing="load the executions" retry={() => void query.refetch()} />
      )}
      {query.data && executions.length === 0 && <Nothing narrowed={isNarrowed(search)} />}
      {executions.length > 0 && (
        <ExecutionTable
          executions={executions}
          links={links}
          chosen={chosen}
          onChoose={setChosen}
          more={query.hasNextPage}
          loading={query.isFetchingNextPage}
          onMore={more}
        />
      )}
    </Page>
  );
}

function Loading() {
  return (
    <Stack gap={6} role="status" aria-busy="true" aria-label="Loading">
      {Array.from({ length: 10 }, (_, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <Skeleton key={place} height={38} />
      ))}
    </Stack>
  );
}

function Nothing({ narrowed }: { narrowed: boolean }) {
  return narrowed ? (
    <EmptyState icon={IconListDetails} title="No execution fits">
      Take a filter away, or look at a longer time.
    </EmptyState>
  ) : (
    <EmptyState icon={IconListDetails} title="Nothing has run yet">
      Open a workflow and run it, or let a trigger do so: each run appears here as it begins.
    </EmptyState>
  );
}
