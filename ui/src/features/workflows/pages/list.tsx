import { Group, Pagination, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ErrorState } from "@/shared/ui/error-state";
import { Page } from "@/shared/ui/page";
import { listQuery, PER_PAGE, type WorkflowLine } from "../api";
import { CreateMenu } from "../create/create-menu";
import { DropZone } from "../create/drop-zone";
import { LackingDialog } from "../create/lacking-dialog";
import { useImporting } from "../create/use-importing";
import type { WorkflowLinks } from "../links";
import { Filters } from "../list/filters";
import { Nothing } from "../list/nothing";
import { Side } from "../list/side";
import { WorkflowTable } from "../list/table";
import { useSelection } from "../list/use-selection";
import { BulkBar } from "../organise/bulk-bar";
import { isFiltered, type WorkflowsSearch, withFilter } from "../search";
import styles from "../workflows.module.css";

interface Props {
  search: WorkflowsSearch;
  onSearch: (search: WorkflowsSearch) => void;
  links: WorkflowLinks;
}

/** All workflows that the person sees. */
export function WorkflowsPage({ search, onSearch, links }: Props) {
  const folder = search.folder ?? "";
  const importing = useImporting(folder, links);
  const create = <CreateMenu links={links} folder={folder} importing={importing} />;
  const filter = (change: Partial<WorkflowsSearch>) => onSearch(withFilter(search, change));
  return (
    <DropZone onFiles={importing.take}>
      <Page title="Workflows" description="What runs by itself, and what you are drawing." actions={create}>
        <div className={styles.page}>
          <Side search={search} onFilter={filter} />
          <div className={styles.list}>
            <Filters search={search} onFilter={filter} />
            <List search={search} onSearch={onSearch} links={links} create={create} />
          </div>
        </div>
      </Page>
      {importing.lacking && (
        <LackingDialog imported={importing.lacking} links={links} onClose={importing.dismiss} />
      )}
    </DropZone>
  );
}

interface ListProps extends Props {
  create: React.ReactNode;
}

const NONE: readonly WorkflowLine[] = [];

function List({ search, onSearch, links, create }: ListProps) {
  const found = useQuery(listQuery(search));
  const lines = found.data?.data ?? NONE;
  const selection = useSelection(useMemo(() => lines.map((line) => line.workflow_id), [lines]));
  if (found.isError) {
    return <ErrorState error={found.error} doing="load the workflows" retry={() => found.refetch()} />;
  }
  if (found.isPending) return <Waiting />;
  if (lines.length === 0) {
    return <Nothing filtered={isFiltered(search)} onClear={() => onSearch({})} create={create} />;
  }
  const { total, total_pages: pages } = found.data.meta;
  const selected = lines.filter((line) => selection.has(line.workflow_id));
  return (
    <>
      <WorkflowTable
        lines={lines}
        selection={selection}
        links={links}
        onTag={(tag) => onSearch(withFilter(search, { tag }))}
      />
      <Group justify="space-between" mt="md">
        <Text size="sm" c="dimmed" aria-live="polite">
          {total === 1 ? "1 workflow" : `${total} workflows`}
        </Text>
        {(pages ?? 1) > 1 && (
          <Pagination
            total={pages ?? 1}
            value={search.page ?? 1}
            onChange={(page) => onSearch({ ...search, page })}
            getControlProps={(control) => ({ "aria-label": `${control} page` })}
          />
        )}
      </Group>
      {selected.length > 0 && <BulkBar lines={selected} onClear={() => selection.setAll([])} />}
    </>
  );
}

function Waiting() {
  return (
    <Stack gap={10} role="status" aria-busy="true" aria-label="Loading the workflows">
      {Array.from({ length: Math.min(8, PER_PAGE) }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: all are the same
        <Skeleton key={line} height={52} radius="md" />
      ))}
    </Stack>
  );
}
