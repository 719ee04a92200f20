import { Button, Group, SegmentedControl, Select, Skeleton, Text, Title } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconRestore, IconUpload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { diff } from "@/graph/diff";
import type { MyWorkflow } from "@/shared/api/workflow";
import { ErrorState } from "@/shared/ui/error-state";
import { notifyDone, notifyError } from "@/shared/ui/notify";
import { usePublishVersion, useRestore, type Version, versionQuery } from "../api";
import { comparedOf, type VersionsSearch } from "../search";
import styles from "../versions.module.css";
import { DrawingOf } from "./drawing";
import { JsonDifference } from "./json-difference";
import { summaryOf } from "./words";

interface Props {
  workflow: MyWorkflow;
  versions: readonly Version[];
  search: VersionsSearch;
  onSearch: (search: VersionsSearch) => void;
}

/** A version beside another: what differs, and what can be done with it. */
export function Compare({ workflow, versions, search, onSearch }: Props) {
  const { revision, beside } = comparedOf(search, workflow.revision);
  const before = useQuery(versionQuery(workflow.workflow_id, beside));
  const after = useQuery(versionQuery(workflow.workflow_id, revision));
  const found = useMemo(() => {
    if (!after.data || (beside !== null && !before.data)) return null;
    return {
      after: after.data,
      before: before.data ?? after.data,
      difference: diff(before.data ?? after.data, after.data),
    };
  }, [before.data, after.data, beside]);
  const failed = after.error ?? before.error;
  const others = versions.filter((one) => one.revision !== revision).map((one) => String(one.revision));
  return (
    <section className={styles.compare} aria-label={`Version ${revision}`}>
      <header className={styles.bar}>
        <div>
          <Group gap="xs">
            <Title order={2} size="h4">
              Version {revision}
            </Title>
            {others.length > 0 && (
              <>
                <Text c="dimmed" size="sm">
                  compared with
                </Text>
                <Select
                  size="xs"
                  w={130}
                  aria-label="Compared with"
                  allowDeselect={false}
                  data={others.map((value) => ({ value, label: `Version ${value}` }))}
                  value={beside === null ? null : String(beside)}
                  placeholder="Choose one"
                  onChange={(chosen) => onSearch({ ...search, revision, beside: Number(chosen) })}
                />
              </>
            )}
          </Group>
          <Text size="sm" c="dimmed" mt={2}>
            {beside === null
              ? "The first: there is nothing before it."
              : found && summaryOf(found.difference)}
          </Text>
        </div>
        <Group gap="xs">
          <SegmentedControl
            size="xs"
            aria-label="How it is shown"
            data={[
              { value: "drawing", label: "Drawing" },
              { value: "json", label: "JSON" },
            ]}
            value={search.view ?? "drawing"}
            onChange={(view) => {
              const { view: _view, ...rest } = search;
              onSearch(view === "json" ? { ...rest, view } : rest);
            }}
          />
          <Actions workflow={workflow} revision={revision} onSearch={onSearch} />
        </Group>
      </header>
      {failed && <ErrorState error={failed} doing="load the version" />}
      {!failed && found === null && <Skeleton height="100%" radius={0} />}
      {found &&
        (search.view === "json" ? (
          <JsonDifference before={found.before} after={found.after} />
        ) : (
          <DrawingOf
            key={`${revision} ${beside}`}
            after={found.after}
            difference={found.difference}
            label={`Version ${revision}, with what differs marked`}
          />
        ))}
    </section>
  );
}

interface ActionsProps {
  workflow: MyWorkflow;
  revision: number;
  onSearch: Props["onSearch"];
}

function Actions({ workflow, revision, onSearch }: ActionsProps) {
  const restore = useRestore(workflow.workflow_id);
  const publish = usePublishVersion(workflow.workflow_id);
  if (!workflow.my_permissions.includes("edit") || workflow.status === "archived") return null;
  const ask = () =>
    modals.openConfirmModal({
      title: `Take version ${revision} up again?`,
      children: (
        <Text size="sm">
          It becomes the newest revision, {workflow.revision + 1}. Nothing is lost: revision{" "}
          {workflow.revision} stays in the list, and what is published stays published.
        </Text>
      ),
      labels: { confirm: "Restore", cancel: "Leave it" },
      onConfirm: () =>
        restore.mutate(
          { revision, current: workflow.revision },
          {
            onSuccess: (saved) => {
              notifyDone(`Version ${revision} is the newest again, as ${saved.revision}.`);
              onSearch({});
            },
            onError: (error) => notifyError("restore the version", error),
          },
        ),
    });
  return (
    <>
      {revision !== workflow.revision && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconRestore size={15} aria-hidden="true" />}
          loading={restore.isPending}
          onClick={ask}
        >
          Restore
        </Button>
      )}
      {revision !== workflow.published_revision && (
        <Button
          size="xs"
          leftSection={<IconUpload size={15} aria-hidden="true" />}
          loading={publish.isPending}
          onClick={() =>
            publish.mutate(revision, {
              onSuccess: () => notifyDone(`From now on, version ${revision} runs.`),
              onError: (error) => notifyError(`publish version ${revision}`, error),
            })
          }
        >
          Publish this one
        </Button>
      )}
    </>
  );
}
