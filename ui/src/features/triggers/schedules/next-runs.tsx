import { Skeleton, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { ErrorState } from "@/shared/ui/error-state";
import { TimeAgo } from "@/shared/ui/time-ago";
import styles from "../triggers.module.css";
import { previewQuery, type Times } from "./api";

/** The times that come, as a clock in their zone shows them. */
export function NextRuns({ times }: { times: Times }) {
  const [asked] = useDebouncedValue(times, 300);
  const query = useQuery(previewQuery(asked));
  if (query.isError) return <ErrorState error={query.error} doing="work out the next runs" />;
  if (query.isPending) return <Skeleton height={140} />;
  const zone = query.data.timezone;
  return (
    <div>
      <Text size="sm" fw={560} mb={4}>
        Next runs, by the clock of {zone}
      </Text>
      {query.data.times.length === 0 ? (
        <Text size="sm" c="dimmed">
          There are none: it ends before it would run.
        </Text>
      ) : (
        <ol className={styles.times} aria-busy={query.isPlaceholderData}>
          {query.data.times.map((time) => (
            <li key={time.planned_for}>
              <span>{localTime(time.local_time)}</span>
              <Text span size="sm" c="dimmed">
                <TimeAgo time={time.planned_for} />
              </Text>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

/** "Mon, 25 Nov 2030, 09:00": the digits are those of the zone's clock, whatever the viewer's is. */
export function localTime(text: string): string {
  const wall = new Date(`${text.slice(0, 19)}Z`);
  if (Number.isNaN(wall.getTime())) return text;
  return new Intl.DateTimeFormat(undefined, {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    ...(wall.getUTCSeconds() === 0 ? {} : { second: "2-digit" }),
    timeZone: "UTC",
  }).format(wall);
}
