/** How the workflows do: figures of a range of time, each of which leads to the list behind it. */
import { Box, SimpleGrid, Skeleton, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ErrorState } from "@/shared/ui/error-state";
import { Page } from "@/shared/ui/page";
import { overviewQuery } from "../api";
import type { DashboardLinks } from "../links";
import { Numbers } from "../numbers";
import { DurationOverTime, ExecutionsOverTime } from "../over-time";
import { beforeInWords, type DashboardSearch } from "../range";
import { RangePicker } from "../range-picker";
import { ActiveWorkflows, FailingWorkflows, SlowNodes } from "../rankings";

interface Props {
  search: DashboardSearch;
  onSearch: (search: DashboardSearch) => void;
  links: DashboardLinks;
  /** Above the figures. */
  children?: ReactNode;
}

export function DashboardPage({ search, onSearch, links, children }: Props) {
  const query = useQuery(overviewQuery(search));
  return (
    <Page title="Dashboard" actions={<RangePicker search={search} onChange={onSearch} />}>
      {children}
      {query.isPending ? (
        <Loading />
      ) : query.isError ? (
        <ErrorState error={query.error} doing="load the figures" retry={() => query.refetch()} />
      ) : (
        <Box style={{ opacity: query.isPlaceholderData ? 0.6 : 1 }} aria-busy={query.isPlaceholderData}>
          <Stack gap="md">
            <Numbers
              overview={query.data}
              than={beforeInWords(search)}
              links={links}
              workflowId={search.workflow}
            />
            <ExecutionsOverTime overview={query.data} links={links} workflowId={search.workflow} />
            <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
              <FailingWorkflows overview={query.data} links={links} />
              <ActiveWorkflows overview={query.data} links={links} />
              <DurationOverTime overview={query.data} />
              <SlowNodes overview={query.data} links={links} />
            </SimpleGrid>
          </Stack>
        </Box>
      )}
    </Page>
  );
}

function Loading() {
  return (
    <Stack gap="md" role="status" aria-busy="true" aria-label="Loading">
      <SimpleGrid cols={{ base: 2, lg: 4 }} spacing="md">
        {["a", "b", "c", "d"].map((one) => (
          <Skeleton key={one} height={112} radius="md" />
        ))}
      </SimpleGrid>
      <Skeleton height={330} radius="md" />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        <Skeleton height={260} radius="md" />
        <Skeleton height={260} radius="md" />
      </SimpleGrid>
    </Stack>
  );
}
