/** The head of an execution: what it is of, how it stands, and where it comes from. */
import { Anchor, Badge, Group, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useNow } from "@/shared/time/use-now";
import { CopyButton } from "@/shared/ui/copy-button";
import { Duration } from "@/shared/ui/duration";
import { HrefLink } from "@/shared/ui/href-link";
import { StatusBadge } from "@/shared/ui/status-badge";
import { TimeAgo } from "@/shared/ui/time-ago";
import { type Execution, isOver } from "../api";
import type { ExecutionLinks } from "../links";
import { TRIGGER_KINDS } from "../search";
import styles from "./detail.module.css";

interface Props {
  execution: Execution;
  links: ExecutionLinks;
  actions: ReactNode;
}

export function Summary({ execution, links, actions }: Props) {
  return (
    <section className={styles.header} aria-label="Execution">
      <div>
        <Group gap="sm">
          <Title order={1} size="h4">
            <Anchor component={HrefLink} href={links.workflow(execution.workflow_id)} inherit c="inherit">
              {execution.workflow_name ?? "Execution"}
            </Anchor>
          </Title>
          <StatusBadge status={execution.status} />
          {execution.draft && (
            <Badge variant="outline" color="gray" tt="none">
              {describeDraft(execution.draft)}
            </Badge>
          )}
        </Group>
        <div className={styles.facts}>
          <span>
            {TRIGGER_KINDS[execution.trigger_kind]}, <TimeAgo time={execution.start_time} />
          </span>
          <span>
            <Lasted execution={execution} />
          </span>
          <span>{`Version ${execution.revision}`}</span>
          <Origin execution={execution} links={links} />
          <Group gap={2} component="span">
            <code>{execution.execution_id.slice(0, 13)}…</code>
            <CopyButton value={execution.execution_id} what="the execution's id" />
          </Group>
        </div>
      </div>
      {actions}
    </section>
  );
}

function describeDraft(draft: NonNullable<Execution["draft"]>): string {
  if (draft.only_node) return `Try of ${draft.only_node} alone`;
  return draft.to_node ? `Try up to ${draft.to_node}` : "Try";
}

function Lasted({ execution }: { execution: Execution }) {
  const now = useNow();
  const seconds = isOver(execution.status)
    ? execution.execution_time_seconds
    : (now.getTime() - Date.parse(execution.start_time)) / 1000;
  return <Duration seconds={seconds} />;
}

function Origin({ execution, links }: Omit<Props, "actions">) {
  const { forked_from: forked, parent_execution_id: parent } = execution;
  return (
    <>
      {forked && (
        <Anchor component={HrefLink} href={links.execution(forked)} size="sm">
          {execution.forked_node_id ? `Forked from ${execution.forked_node_id}` : "Retry of another one"}
        </Anchor>
      )}
      {parent && (
        <Anchor component={HrefLink} href={links.execution(parent)} size="sm">
          Started by another execution
        </Anchor>
      )}
      {execution.children.length > 0 && (
        <span>
          Started{" "}
          {execution.children.slice(0, 3).map((child) => (
            <Anchor
              key={child.execution_id}
              component={HrefLink}
              href={links.execution(child.execution_id)}
              size="sm"
              mr={6}
            >
              {`${child.node_id} ${child.number + 1}`}
            </Anchor>
          ))}
          {execution.children.length > 3 && `and ${execution.children.length - 3} more`}
        </span>
      )}
    </>
  );
}
