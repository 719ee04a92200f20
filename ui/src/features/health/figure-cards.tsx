import { Card, SimpleGrid, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Duration } from "@/shared/ui/duration";
import type { Status } from "./api";
import { formatBytes, shortVersion } from "./figures";

/** The figures of the installation at a glance. */
export function FigureCards({ status }: { status: Status }) {
  const { queue, database, executions } = status;
  const alive = status.workers.filter((worker) => worker.alive).length;
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }}>
      <Figure name="Workers" value={String(alive)}>
        {status.workers.length > alive ? `${status.workers.length - alive} gone lately` : "all answer"}
      </Figure>
      <Figure name="Queue" value={String(queue.jobs)}>
        {queue.oldest_seconds === null ? (
          "nobody waits"
        ) : (
          <>
            oldest waits <Duration seconds={queue.oldest_seconds} />
          </>
        )}
        {queue.parked > 0 && `, ${queue.parked} parked by limits`}
      </Figure>
      <Figure name="Running" value={String(executions.running ?? 0)}>
        {`${executions.waiting ?? 0} waiting, ${executions.paused ?? 0} paused`}
      </Figure>
      <Figure name="Database" value={formatBytes(database.bytes)}>
        {`PostgreSQL ${shortVersion(database.version).replace(/^PostgreSQL /, "")}, ${database.connections} connections`}
      </Figure>
    </SimpleGrid>
  );
}

interface FigureProps {
  name: string;
  value: string;
  children: ReactNode;
}

function Figure({ name, value, children }: FigureProps) {
  return (
    <Card withBorder padding="md" component="section" aria-label={name}>
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      <Text fz={28} fw={650} lh={1.3} style={{ fontVariantNumeric: "tabular-nums" }}>
        {value}
      </Text>
      <Text size="sm" c="dimmed">
        {children}
      </Text>
    </Card>
  );
}
