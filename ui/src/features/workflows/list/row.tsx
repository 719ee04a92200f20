import { Badge, Checkbox, Group, Stack, Switch, Table, Text, UnstyledButton } from "@mantine/core";
import { IconFolder } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { HrefLink } from "@/shared/ui/href-link";
import { notifyError } from "@/shared/ui/notify";
import { StatusBadge } from "@/shared/ui/status-badge";
import { TimeAgo } from "@/shared/ui/time-ago";
import { useOrganise, type WorkflowLine } from "../api";
import type { WorkflowLinks } from "../links";
import styles from "../workflows.module.css";
import { RowMenu } from "./row-menu";
import { Sparkline } from "./sparkline";
import { WorkflowState } from "./state";
import type { Selection } from "./use-selection";

interface Props {
  line: WorkflowLine;
  selection: Selection;
  links: WorkflowLinks;
  onTag: (tag: string) => void;
}

export function Row({ line, selection, links, onTag }: Props) {
  const selected = selection.has(line.workflow_id);
  return (
    <Table.Tr data-selected={selected || undefined} className={styles.row}>
      <Table.Td data-check>
        <Checkbox
          aria-label={`Select ${line.name}`}
          checked={selected}
          onChange={() => selection.toggle(line.workflow_id)}
        />
      </Table.Td>
      <Table.Td data-lead>
        <Name line={line} href={links.workflow(line.workflow_id)} onTag={onTag} />
      </Table.Td>
      <Table.Td data-label="State">
        <WorkflowState line={line} />
      </Table.Td>
      <Table.Td data-label="On">
        <Enabled line={line} />
      </Table.Td>
      <Table.Td data-label="Last run">
        <LastRun line={line} links={links} />
      </Table.Td>
      <Table.Td className={styles.wide} data-label="Last 20 runs">
        <Sparkline recent={line.recent} />
      </Table.Td>
      <Table.Td className={styles.wide} data-label="Changed">
        <Text size="sm" c="dimmed" component="div">
          <TimeAgo time={line.updated_at} />
        </Text>
      </Table.Td>
      <Table.Td data-menu>
        <RowMenu line={line} links={links} />
      </Table.Td>
    </Table.Tr>
  );
}

function Name({ line, href, onTag }: { line: WorkflowLine; href: string; onTag: (tag: string) => void }) {
  return (
    <Stack gap={2}>
      <HrefLink href={href} className={styles.name}>
        {line.name}
      </HrefLink>
      {line.description && (
        <Text size="sm" c="dimmed" lineClamp={1} title={line.description}>
          {line.description}
        </Text>
      )}
      {(line.folder || line.tags.length > 0) && (
        <Group gap={6} mt={2}>
          {line.folder && (
            <Group gap={4} wrap="nowrap">
              <IconFolder size={14} className={styles.dimmed} aria-hidden="true" />
              <Text size="xs" c="dimmed">
                {line.folder}
              </Text>
            </Group>
          )}
          {line.tags.map((tag) => (
            <UnstyledButton key={tag} onClick={() => onTag(tag)} aria-label={`Only those tagged ${tag}`}>
              <Badge variant="default" size="sm" tt="none" fw={500} className={styles.tag}>
                {tag}
              </Badge>
            </UnstyledButton>
          ))}
        </Group>
      )}
    </Stack>
  );
}

function Enabled({ line }: { line: WorkflowLine }) {
  const organise = useOrganise();
  // What was chosen is shown until the list says it too.
  const [chosen, setChosen] = useState<boolean | null>(null);
  useEffect(() => setChosen((wanted) => (wanted === line.enabled ? null : wanted)), [line.enabled]);
  const change = (enabled: boolean) => {
    setChosen(enabled);
    organise.mutate(
      { id: line.workflow_id, about: { enabled } },
      {
        onError: (error) => {
          setChosen(null);
          notifyError(`change “${line.name}”`, error);
        },
      },
    );
  };
  return (
    <Switch
      size="sm"
      checked={chosen ?? line.enabled}
      disabled={!line.my_permissions.includes("edit") || line.status === "archived"}
      aria-label={`${line.name} may begin`}
      onChange={(event) => change(event.currentTarget.checked)}
    />
  );
}

function LastRun({ line, links }: { line: WorkflowLine; links: WorkflowLinks }) {
  const last = line.last_execution;
  if (!last) {
    return (
      <Text size="sm" c="dimmed">
        never
      </Text>
    );
  }
  return (
    <HrefLink href={links.execution(last.execution_id)} className={styles.run}>
      <StatusBadge status={last.status} size="sm" />
      <Text size="xs" c="dimmed" component="span">
        <TimeAgo time={last.started_at} />
      </Text>
    </HrefLink>
  );
}
