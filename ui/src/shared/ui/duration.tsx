import { formatDuration } from "../time/format";

interface Props {
  /** Seconds; null where something has not ended. */
  seconds: number | null | undefined;
}

/** A duration in words, in digits of one width. */
export function Duration({ seconds }: Props) {
  return (
    <span style={{ fontVariantNumeric: "tabular-nums" }}>
      {seconds == null ? "–" : formatDuration(seconds)}
    </span>
  );
}
