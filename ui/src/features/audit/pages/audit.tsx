import { Button, Group, Stack } from "@mantine/core";
import { IconListSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useNow } from "@/shared/time/use-now";
import { EmptyState } from "@/shared/ui/empty-state";
import { Loaded } from "@/shared/ui/loaded";
import { Page } from "@/shared/ui/page";
import { type AuditEntry, auditLog } from "../api";
import { EntryDrawer } from "../entry-drawer";
import { EntryTable } from "../entry-table";
import { filterOf, readAuditSearch } from "../filter";
import { FilterBar } from "../filter-bar";
import type { AuditLinks } from "../links";

/** Who did what: all of it for administrators, and that of their communities for those who look after one. */
export function AuditPage({ links }: { links: AuditLinks }) {
  const search = useSearch({ from: "/admin/audit" });
  const navigate = useNavigate({ from: "/admin/audit" });
  const [entry, setEntry] = useState<AuditEntry | null>(null);
  const query = useInfiniteQuery(auditLog(filterOf(search, useNow())));
  return (
    <Page title="Audit log" description="Who signed in, what was changed, and what was refused.">
      <Stack gap="md">
        <FilterBar
          search={search}
          onSearch={(next) => navigate({ search: readAuditSearch(next), replace: true })}
        />
        <Loaded query={query} doing="load the log" lineHeight={42}>
          {(entries) =>
            entries.length === 0 ? (
              <EmptyState icon={IconListSearch} title="Nothing like that happened">
                Try a longer time, or fewer words.
              </EmptyState>
            ) : (
              <>
                <EntryTable entries={entries} onOpen={setEntry} links={links} />
                {query.hasNextPage && (
                  <Group justify="center">
                    <Button
                      variant="default"
                      onClick={() => query.fetchNextPage()}
                      loading={query.isFetchingNextPage}
                    >
                      Show more
                    </Button>
                  </Group>
                )}
              </>
            )
          }
        </Loaded>
      </Stack>
      <EntryDrawer entry={entry} onClose={() => setEntry(null)} />
    </Page>
  );
}
