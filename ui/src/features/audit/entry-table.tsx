import { Badge, Card, Table, UnstyledButton } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import stacked from "@/shared/ui/stacked.module.css";
import { TimeAgo } from "@/shared/ui/time-ago";
import type { AuditEntry } from "./api";
import type { AuditLinks } from "./links";
import { Subject } from "./subject";

interface Props {
  entries: readonly AuditEntry[];
  onOpen: (entry: AuditEntry) => void;
  links: AuditLinks;
}

/** Entries of the log, the newest first. */
export function EntryTable({ entries, onOpen, links }: Props) {
  return (
    <Card withBorder padding={0} style={{ overflowX: "auto" }}>
      <Table className={stacked.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={130}>When</Table.Th>
            <Table.Th w={150}>Who</Table.Th>
            <Table.Th w={210}>Action</Table.Th>
            <Table.Th>What</Table.Th>
            <Table.Th w={170}>Result</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {entries.map((entry) => (
            <Table.Tr key={entry.audit_id}>
              <Table.Td data-label="When">
                <TimeAgo time={entry.at} />
              </Table.Td>
              <Table.Td data-label="Who">{entry.actor || "nobody"}</Table.Td>
              <Table.Td data-label="Action">
                <UnstyledButton onClick={() => onOpen(entry)} c="var(--mantine-color-anchor)" fz="sm">
                  {entry.action}
                </UnstyledButton>
              </Table.Td>
              <Table.Td data-label="What">
                <Subject entry={entry} links={links} />
              </Table.Td>
              <Table.Td data-label="Result">
                <Result result={entry.result} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

export function Result({ result }: { result: string }) {
  const good = result === "success";
  const Icon = good ? IconCheck : IconX;
  return (
    <Badge
      variant="light"
      color={good ? "teal" : "red"}
      tt="none"
      leftSection={<Icon size={12} aria-hidden="true" />}
    >
      {good ? "Done" : result}
    </Badge>
  );
}
