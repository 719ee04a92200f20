/** Why did it run, or not? Every time that something was to start the workflow, with what came of it. */
import { Button, Group, MultiSelect, Select, Stack, Table, Text } from "@mantine/core";
import { IconListSearch } from "@tabler/icons-react";
import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { callPage, client } from "@/shared/api/client";
import type { components } from "@/shared/api/schema";
import { EmptyState } from "@/shared/ui/empty-state";
import { Loaded } from "@/shared/ui/loaded";
import stacked from "@/shared/ui/stacked.module.css";
import { TimeAgo } from "@/shared/ui/time-ago";
import { OutcomeBadge, StartedLink } from "../outcome-cells";
import { KINDS, OUTCOMES, type TriggersSearch } from "../search";
import styles from "../triggers.module.css";

type Decision = components["schemas"]["wingbeat__api__decision_routes__DecisionShape"];
type Outcome = components["schemas"]["Outcome"];
type Kind = components["schemas"]["TriggerKind"];

function decisionsQuery(workflowId: string, { outcome = [], kind }: TriggersSearch) {
  return infiniteQueryOptions({
    queryKey: ["decisions", workflowId, outcome, kind],
    refetchInterval: 20_000,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      callPage(
        client.GET("/api/v1/workflows/{workflow_id}/decisions", {
          params: {
            path: { workflow_id: workflowId },
            query: {
              per_page: 30,
              ...(outcome.length > 0 ? { outcome: outcome as Outcome[] } : {}),
              ...(kind ? { kind: kind as Kind } : {}),
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.meta.next_cursor ?? undefined,
  });
}

interface Props {
  workflowId: string;
  search: TriggersSearch;
  onSearch: (search: TriggersSearch) => void;
  executionHref: (executionId: string) => string;
}

export function Decisions({ workflowId, search, onSearch, executionHref }: Props) {
  const query = useInfiniteQuery(decisionsQuery(workflowId, search));
  const sifted = Boolean(search.kind || search.outcome);
  return (
    <Stack gap="md">
      <Filters search={search} onSearch={onSearch} />
      <Loaded query={query} doing="load the log">
        {({ pages }) => {
          const decisions = pages.flatMap((page) => page.data);
          if (decisions.length === 0) {
            return (
              <EmptyState
                icon={IconListSearch}
                title={sifted ? "Nothing of that kind happened" : "Nothing was to start it yet"}
              >
                {sifted
                  ? "Choose other filters."
                  : "Each delivery, time, event and form is noted here with what came of it, also when nothing ran."}
              </EmptyState>
            );
          }
          return (
            <>
              <Rows decisions={decisions} executionHref={executionHref} />
              {query.hasNextPage && (
                <Button
                  variant="default"
                  loading={query.isFetchingNextPage}
                  onClick={() => query.fetchNextPage()}
                >
                  Show older ones
                </Button>
              )}
            </>
          );
        }}
      </Loaded>
    </Stack>
  );
}

function Filters({ search, onSearch }: Pick<Props, "search" | "onSearch">) {
  return (
    <Group gap="sm" align="flex-end">
      <MultiSelect
        label="What came of it"
        placeholder={search.outcome ? undefined : "Anything"}
        w={{ base: "100%", sm: 360 }}
        clearable
        data={Object.entries(OUTCOMES).map(([value, { label }]) => ({ value, label }))}
        value={search.outcome ?? []}
        onChange={(outcome) => onSearch({ ...search, outcome: outcome.length > 0 ? outcome : undefined })}
      />
      <Select
        label="By which way"
        placeholder="Any"
        w={{ base: "100%", sm: 180 }}
        clearable
        data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
        value={search.kind ?? null}
        onChange={(kind) => onSearch({ ...search, kind: kind ?? undefined })}
      />
    </Group>
  );
}

function Rows({
  decisions,
  executionHref,
}: {
  decisions: Decision[];
  executionHref: Props["executionHref"];
}) {
  return (
    <Table className={stacked.table} aria-label="Why it ran, and why it did not" verticalSpacing="sm">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={120}>When</Table.Th>
          <Table.Th w={120}>By</Table.Th>
          <Table.Th w={150}>What came of it</Table.Th>
          <Table.Th>Why</Table.Th>
          <Table.Th w={110}>Execution</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {decisions.map((one) => (
          <Table.Tr key={one.decision_id}>
            <Table.Td data-label="When">
              <TimeAgo time={one.at} />
            </Table.Td>
            <Table.Td data-label="By">{KINDS[one.kind] ?? one.kind}</Table.Td>
            <Table.Td data-label="What came of it">
              <OutcomeBadge outcome={one.outcome} />
            </Table.Td>
            <Table.Td data-label="Why">
              <div className={styles.why}>
                {one.why}
                {one.remedy && (
                  <Text size="sm" c="dimmed">
                    {one.remedy}
                  </Text>
                )}
              </div>
            </Table.Td>
            <Table.Td data-label="Execution">
              <StartedLink executionId={one.execution_id} executionHref={executionHref} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
