/** The range of time that a dashboard shows, as its address has it. */
export const PRESETS = [
  { value: "1h", label: "1 hour", short: "1 h", hours: 1 },
  { value: "24h", label: "24 hours", short: "24 h", hours: 24 },
  { value: "7d", label: "7 days", short: "7 d", hours: 168 },
  { value: "30d", label: "30 days", short: "30 d", hours: 720 },
  { value: "90d", label: "90 days", short: "90 d", hours: 2160 },
] as const;

export type Preset = (typeof PRESETS)[number]["value"];

export interface DashboardSearch {
  range?: Preset;
  /** A range of one's own: ISO times. */
  since?: string;
  until?: string;
  workflow?: string;
}

export interface TimeRange {
  readonly since: Date;
  readonly until: Date;
}

const USUAL: Preset = "7d";
const HOUR_MS = 3_600_000;
const LONGEST_MS = 400 * 24 * HOUR_MS;
const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** Reads what is in the address; what makes no sense is left out. */
export function readDashboardSearch(search: Record<string, unknown>): DashboardSearch {
  const range = PRESETS.find((one) => one.value === search.range)?.value;
  const own = ownRange(search.since, search.until);
  const workflow =
    typeof search.workflow === "string" && ID.test(search.workflow) ? search.workflow : undefined;
  return {
    ...(own ? { since: own.since.toISOString(), until: own.until.toISOString() } : range ? { range } : {}),
    ...(workflow ? { workflow } : {}),
  };
}

/** A range of somebody's own, if it is one that can be asked for. */
export function ownRange(since: unknown, until: unknown): TimeRange | undefined {
  const range = { since: new Date(String(since)), until: new Date(String(until)) };
  const length = range.until.getTime() - range.since.getTime();
  return length > 0 && length <= LONGEST_MS ? range : undefined;
}

export function presetOf(search: DashboardSearch): Preset | "own" {
  return search.since ? "own" : (search.range ?? USUAL);
}

/** The times that are meant at a moment. */
export function rangeAt(search: DashboardSearch, now: Date): TimeRange {
  const own = ownRange(search.since, search.until);
  if (own) return own;
  const hours = PRESETS.find((one) => one.value === presetOf(search))?.hours ?? 168;
  return { since: new Date(now.getTime() - hours * HOUR_MS), until: now };
}

/** "the 7 days before", for what is compared. */
export function beforeInWords(search: DashboardSearch): string {
  const preset = PRESETS.find((one) => one.value === presetOf(search));
  return preset ? `the ${preset.label} before` : "as much time before";
}
