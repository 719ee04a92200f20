/** What the figures say: labels of times, changes against the range before, and the rows of charts. */
import type { Bucket, Outcomes, Overview } from "./api";

export const SERIES = [
  { name: "completed", label: "Completed", color: "teal.6" },
  { name: "failed", label: "Failed", color: "red.6" },
  { name: "cancelled", label: "Cancelled", color: "gray.5" },
  { name: "active", label: "Not ended", color: "blue.5" },
] as const;

export type Series = (typeof SERIES)[number]["name"];

/** The statuses of executions that a series counts. */
export const STATUSES_OF: Readonly<Record<Series, readonly string[]>> = {
  completed: ["completed"],
  failed: ["failed"],
  cancelled: ["cancelled"],
  active: ["pending", "running", "waiting", "paused"],
};

const FORMATS: Readonly<Record<Overview["bucket"], Intl.DateTimeFormatOptions>> = {
  minute: { hour: "2-digit", minute: "2-digit" },
  hour: { weekday: "short", hour: "2-digit", minute: "2-digit" },
  day: { day: "numeric", month: "short" },
  week: { day: "numeric", month: "short" },
  month: { month: "short", year: "numeric" },
};

/** What stands below a bar. */
export function labelOf(
  start: string,
  bucket: Overview["bucket"],
  locale?: string,
  timeZone?: string,
): string {
  return new Intl.DateTimeFormat(locale, { ...FORMATS[bucket], timeZone }).format(new Date(start));
}

/** When each bucket ends: where the next one begins. */
export function endsOf(timeline: readonly Bucket[], until: string): string[] {
  return timeline.map((_, place) => timeline[place + 1]?.start ?? until);
}

export interface Change {
  readonly text: string;
  readonly direction: "up" | "down" | "same";
}

// Beyond it, per cent say nothing to anybody.
const MANY_TIMES = 4;

/** How a number changed, in per cent; nothing where there was nothing before. */
export function changeOf(now: number, before: number): Change | null {
  if (before === 0) return null;
  if (now > MANY_TIMES * before) return { text: `${Math.round(now / before)} times`, direction: "up" };
  return inWords(((now - before) / before) * 100, "%");
}

/** How a share changed, in points of a hundred. */
export function pointsOf(now: number | null, before: number | null): Change | null {
  if (now === null || before === null) return null;
  return inWords((now - before) * 100, "points");
}

function inWords(change: number, unit: string): Change {
  const size = Math.abs(change);
  const rounded = size < 10 ? Math.round(size * 10) / 10 : Math.round(size);
  if (rounded === 0) return { text: "as", direction: "same" };
  return change > 0
    ? { text: `${rounded} ${unit} more than`, direction: "up" }
    : { text: `${rounded} ${unit} less than`, direction: "down" };
}

/** 98.4 %, 100 %, 99.97 %: as many digits as tell it from all and from nothing. */
export function percent(share: number | null): string {
  if (share === null) return "–";
  const hundred = share * 100;
  for (const digits of [1, 2, 3]) {
    const text = hundred.toFixed(digits);
    if (Number(text) < 100 || hundred === 100) return `${Number(text)} %`;
  }
  return "99.999 %";
}

/** In one sentence, for those who do not see the chart. */
export function sentenceOf(outcomes: Outcomes): string {
  const parts = SERIES.filter((one) => outcomes[one.name] > 0).map(
    (one) => `${outcomes[one.name]} ${one.label.toLowerCase()}`,
  );
  if (parts.length === 0) return "No executions.";
  return `${outcomes.executions} ${outcomes.executions === 1 ? "execution" : "executions"}: ${parts.join(", ")}.`;
}
