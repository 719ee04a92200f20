/** A chart and the same as a table: for those who cannot see the one, and those who want the numbers. */

import { SegmentedControl, Skeleton, Table } from "@mantine/core";
import { useRouter } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { whenThere } from "@/shared/api/reach";
import { formatDuration, formatTime } from "@/shared/time/format";
import { HrefLink } from "@/shared/ui/href-link";
import type { Overview } from "./api";
import { Card } from "./card";
import styles from "./dashboard.module.css";
import { endsOf, percent, SERIES, STATUSES_OF, sentenceOf } from "./figures";
import type { DashboardLinks } from "./links";

const ExecutionsChart = lazy(async () => ({
  default: (await whenThere(() => import("./charts"))).ExecutionsChart,
}));
const DurationChart = lazy(async () => ({
  default: (await whenThere(() => import("./charts"))).DurationChart,
}));

interface Props {
  overview: Overview;
  links: DashboardLinks;
  workflowId?: string;
}

export function ExecutionsOverTime({ overview, links, workflowId }: Props) {
  const router = useRouter();
  return (
    <ChartCard
      title="Executions over time"
      description={sentenceOf(overview.totals)}
      quiet={overview.totals.executions === 0}
      chart={
        <ExecutionsChart
          overview={overview}
          onPick={(filter) => router.history.push(links.executions({ ...filter, workflowId }))}
        />
      }
      table={<ExecutionsTable overview={overview} links={links} workflowId={workflowId} />}
    />
  );
}

export function DurationOverTime({ overview }: { overview: Overview }) {
  return (
    <ChartCard
      title="Duration over time"
      description="How long executions took that completed or failed, their waiting included."
      quiet={overview.totals.duration === null}
      chart={<DurationChart overview={overview} />}
      table={<DurationTable overview={overview} />}
    />
  );
}

interface ChartCardProps {
  title: string;
  description: string;
  quiet: boolean;
  chart: ReactNode;
  table: ReactNode;
}

function ChartCard({ title, description, quiet, chart, table }: ChartCardProps) {
  const [shown, setShown] = useState("chart");
  return (
    <Card
      title={title}
      aside={
        <SegmentedControl
          size="xs"
          value={shown}
          onChange={setShown}
          aria-label={`${title} as`}
          data={[
            { value: "chart", label: "Chart" },
            { value: "table", label: "Table" },
          ]}
        />
      }
    >
      {quiet ? (
        <p className={styles.quiet}>Nothing ended in this time.</p>
      ) : shown === "chart" ? (
        <figure
          className={styles.chart}
          style={{ margin: "14px 0 0" }}
          aria-label={`${title}. ${description}`}
        >
          <Suspense fallback={<Skeleton height={260} />}>{chart}</Suspense>
        </figure>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        <section className={styles.scroll} aria-label={title} tabIndex={0}>
          {table}
        </section>
      )}
    </Card>
  );
}

function ExecutionsTable({ overview, links, workflowId }: Props) {
  const ends = endsOf(overview.timeline, overview.until);
  return (
    <Table stickyHeader>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>From</Table.Th>
          {SERIES.map((one) => (
            <Table.Th key={one.name} className={styles.number}>
              {one.label}
            </Table.Th>
          ))}
          <Table.Th className={styles.number}>Success rate</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {overview.timeline.map((bucket, place) => (
          <Table.Tr key={bucket.start}>
            <Table.Td>{formatTime(new Date(bucket.start))}</Table.Td>
            {SERIES.map(({ name }) => (
              <Table.Td key={name} className={styles.number}>
                {bucket[name] === 0 ? (
                  0
                ) : (
                  <HrefLink
                    className={styles.link}
                    href={links.executions({
                      statuses: STATUSES_OF[name],
                      since: bucket.start,
                      until: ends[place],
                      workflowId,
                    })}
                  >
                    {bucket[name]}
                  </HrefLink>
                )}
              </Table.Td>
            ))}
            <Table.Td className={styles.number}>{percent(bucket.success_rate)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function DurationTable({ overview }: { overview: Overview }) {
  return (
    <Table stickyHeader>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>From</Table.Th>
          <Table.Th className={styles.number}>Half within</Table.Th>
          <Table.Th className={styles.number}>95 % within</Table.Th>
          <Table.Th className={styles.number}>99 % within</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {overview.timeline.map((bucket) => (
          <Table.Tr key={bucket.start}>
            <Table.Td>{formatTime(new Date(bucket.start))}</Table.Td>
            {(["p50", "p95", "p99"] as const).map((name) => (
              <Table.Td key={name} className={styles.number}>
                {bucket.duration ? formatDuration(bucket.duration[name]) : "–"}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
