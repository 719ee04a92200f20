import { Tooltip } from "@mantine/core";
import { formatRelative, formatTime } from "../time/format";
import { useNow } from "../time/use-now";

interface Props {
  /** An ISO time; null where there is none. */
  time: string | null | undefined;
  empty?: string;
}

/** How long ago something was, in words that stay true; the exact time is in the tooltip. */
export function TimeAgo({ time, empty = "never" }: Props) {
  const now = useNow();
  if (!time) return <span>{empty}</span>;
  const date = new Date(time);
  return (
    <Tooltip label={formatTime(date)}>
      <time dateTime={time}>{formatRelative(date, now)}</time>
    </Tooltip>
  );
}
