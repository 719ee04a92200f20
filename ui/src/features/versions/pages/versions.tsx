import { Skeleton } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { workflowQuery } from "@/shared/api/workflow";
import { ErrorState } from "@/shared/ui/error-state";
import { historyQuery } from "../api";
import { Compare } from "../compare/compare";
import { History } from "../history/history";
import { comparedOf, type VersionsSearch } from "../search";
import styles from "../versions.module.css";

interface Props {
  workflowId: string;
  search: VersionsSearch;
  onSearch: (search: VersionsSearch) => void;
}

/** The history of a workflow: every save, what it changed, and ways back. */
export function VersionsPage({ workflowId, search, onSearch }: Props) {
  const workflow = useQuery(workflowQuery(workflowId));
  const history = useInfiniteQuery(historyQuery(workflowId));
  useDocumentTitle(`Versions of ${workflow.data?.data.name ?? "a workflow"} · Wingbeat`);
  const error = workflow.error ?? history.error;
  if (error) {
    const again = () => Promise.all([workflow.refetch(), history.refetch()]);
    return <ErrorState error={error} doing="load the versions" retry={again} />;
  }
  if (!workflow.data || !history.data)
    return <Skeleton height="100%" radius={0} role="status" aria-label="Loading" />;
  const current = workflow.data.data;
  const versions = history.data.pages.flatMap((page) => page.data);
  return (
    <div className={styles.page}>
      <History
        versions={versions}
        selected={comparedOf(search, current.revision).revision}
        onSelect={(revision) => onSearch({ ...(search.view && { view: search.view }), revision })}
        mayEdit={current.my_permissions.includes("edit")}
        onMore={history.hasNextPage ? () => void history.fetchNextPage() : null}
      />
      <Compare workflow={current} versions={versions} search={search} onSearch={onSearch} />
    </div>
  );
}
