import { Badge, Card, Table, Text, Title } from "@mantine/core";
import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import stacked from "@/shared/ui/stacked.module.css";
import { TimeAgo } from "@/shared/ui/time-ago";
import type { Worker } from "./api";

/** The processes that run executions, and what each holds under its lease. */
export function Workers({ workers }: { workers: readonly Worker[] }) {
  return (
    <section>
      <Title order={2} size="h4" mb="xs">
        Workers
      </Title>
      <Card withBorder padding={0} style={{ overflowX: "auto" }}>
        {workers.length === 0 ? (
          <Text p="md">No process runs executions. Start `wingbeat serve` or `wingbeat worker`.</Text>
        ) : (
          <Table className={stacked.table}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Process</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th ta="right">Executions held</Table.Th>
                <Table.Th>Heartbeat</Table.Th>
                <Table.Th>Started</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {workers.map((worker) => (
                <Line key={worker.worker_id} worker={worker} />
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Card>
    </section>
  );
}

function Line({ worker }: { worker: Worker }) {
  const Icon = worker.alive ? IconCircleCheck : IconCircleX;
  return (
    <Table.Tr>
      <Table.Td data-lead>
        {worker.host}, process {worker.pid}
      </Table.Td>
      <Table.Td data-label="State">
        <Badge
          variant="light"
          tt="none"
          color={worker.alive ? "teal" : "red"}
          leftSection={<Icon size={13} aria-hidden="true" />}
        >
          {worker.alive ? "Answers" : "Gone"}
        </Badge>
      </Table.Td>
      <Table.Td ta="right" data-label="Executions held">
        {worker.executions}
      </Table.Td>
      <Table.Td data-label="Heartbeat">
        <TimeAgo time={worker.heartbeat_at} />
      </Table.Td>
      <Table.Td data-label="Started">
        <TimeAgo time={worker.started_at} />
      </Table.Td>
    </Table.Tr>
  );
}
