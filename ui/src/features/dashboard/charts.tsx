/** The charts: a chunk of their own, since what draws them is large. */
import "@mantine/charts/styles.layer.css";
import { BarChart, LineChart } from "@mantine/charts";
import { formatDuration } from "@/shared/time/format";
import type { Bucket, Overview } from "./api";
import { endsOf, labelOf, SERIES, STATUSES_OF } from "./figures";
import type { ExecutionFilter } from "./links";

interface Props {
  overview: Overview;
  onPick: (filter: ExecutionFilter) => void;
}

interface Picked {
  payload?: { place?: number };
}

export function ExecutionsChart({ overview, onPick }: Props) {
  const ends = endsOf(overview.timeline, overview.until);
  return (
    <BarChart
      h={260}
      type="stacked"
      data={overview.timeline.map((bucket, place) => ({
        ...bucket,
        place,
        label: labelAt(overview, bucket),
      }))}
      dataKey="label"
      series={SERIES.map(({ name, label, color }) => ({ name, label, color }))}
      withLegend
      legendProps={{ itemSorter: null }}
      tickLine="none"
      gridAxis="x"
      maxBarWidth={36}
      yAxisProps={{ allowDecimals: false, width: 44 }}
      xAxisProps={{ minTickGap: 24 }}
      barProps={(series) => ({
        cursor: "pointer",
        onClick: (bar: Picked) => {
          const place = bar.payload?.place ?? -1;
          const bucket = overview.timeline[place];
          if (!bucket) return;
          onPick({
            statuses: STATUSES_OF[series.name as keyof typeof STATUSES_OF],
            since: bucket.start,
            until: ends[place],
          });
        },
      })}
    />
  );
}

export function DurationChart({ overview }: { overview: Overview }) {
  return (
    <LineChart
      h={260}
      data={overview.timeline.map((bucket) => ({ ...bucket.duration, label: labelAt(overview, bucket) }))}
      dataKey="label"
      series={[
        { name: "p50", label: "half within", color: "blue.5" },
        { name: "p95", label: "95 % within", color: "grape.5" },
        { name: "p99", label: "99 % within", color: "orange.6" },
      ]}
      withLegend
      legendProps={{ itemSorter: null }}
      connectNulls={false}
      curveType="linear"
      tickLine="none"
      gridAxis="x"
      valueFormatter={formatDuration}
      yAxisProps={{ width: 64 }}
      xAxisProps={{ minTickGap: 24 }}
    />
  );
}

function labelAt(overview: Overview, bucket: Bucket): string {
  return labelOf(bucket.start, overview.bucket);
}
