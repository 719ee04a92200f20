/** When the steps of an execution ran, waited and were tried again, out of its journal; and which of them took the time. */
import type { Connection } from "./workflow";

/** A row of the journal, as far as times go. Times are ISO texts. */
export interface JournalLine {
  readonly sequence: number;
  readonly node_id: string;
  readonly scope: string;
  readonly attempt: number;
  readonly status: string;
  readonly started_at: string;
  readonly ended_at: string;
  readonly error_code: string | null;
  readonly retry_at: string | null;
}

/** `ran` and `failed` are attempts, `inside` the time in which a loop goes round. */
export type SegmentKind = "ran" | "failed" | "waited" | "before retry" | "inside";

export interface Segment {
  readonly kind: SegmentKind;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly end: number;
  readonly attempt: number;
}

export type BarStatus = "completed" | "failed" | "running" | "waiting" | "retrying";

/** One step: a node in one iteration, over all its attempts. */
export interface Bar {
  readonly key: string;
  readonly node: string;
  readonly scope: string;
  readonly depth: number;
  readonly start: number;
  readonly end: number;
  readonly status: BarStatus;
  readonly attempts: number;
  readonly segments: readonly Segment[];
  readonly lastSequence: number;
  readonly errorCode: string | null;
}

export interface Timeline {
  readonly bars: readonly Bar[];
  readonly start: number;
  readonly end: number;
}

/** Rows of loops' book-keeping and of the end, which are no part of a step's time. */
const NO_TIME = new Set(["ended", "spilled", "loaded", "round", "released", "cleared"]);

export function stepKey(node: string, scope: string): string {
  return `${node}@${scope}`;
}

interface Draft {
  readonly line: JournalLine;
  readonly segments: Segment[];
  last: JournalLine;
  attempts: number;
}

/**
 * The bars of all steps, by their beginnings. `now` is given for an execution that goes on: what is open lasts until
 * then; of one that has ended, nothing is open.
 */
export function timelineOf(lines: readonly JournalLine[], now: number | null = null): Timeline {
  const drafts = new Map<string, Draft>();
  for (const line of lines) {
    if (NO_TIME.has(line.status) || line.node_id === "") continue;
    const key = stepKey(line.node_id, line.scope);
    const draft = drafts.get(key);
    if (draft) continueWith(draft, line);
    else drafts.set(key, begin(line));
  }
  const bars = [...drafts].map(([key, draft]) => barOf(key, draft, now));
  bars.sort((one, other) => one.start - other.start || one.lastSequence - other.lastSequence);
  const start = bars[0]?.start ?? now ?? 0;
  return { bars, start, end: bars.reduce((latest, bar) => Math.max(latest, bar.end), start) };
}

function begin(line: JournalLine): Draft {
  return { line, last: line, segments: segmentsOf(line), attempts: line.attempt };
}

function segmentsOf(line: JournalLine): Segment[] {
  if (line.status === "started") return [];
  const kind = line.status === "failed" ? "failed" : "ran";
  return [
    { kind, start: Date.parse(line.started_at), end: Date.parse(line.ended_at), attempt: line.attempt },
  ];
}

function continueWith(draft: Draft, line: JournalLine): void {
  const between = pauseAfter(draft.last);
  const from = Date.parse(draft.last.ended_at);
  const until = Date.parse(line.started_at);
  if (between && until > from) {
    draft.segments.push({ kind: between, start: from, end: until, attempt: draft.last.attempt });
  }
  draft.segments.push(...segmentsOf(line));
  draft.last = line;
  draft.attempts = Math.max(draft.attempts, line.attempt);
}

/** What a step does behind a row, until the next one. */
function pauseAfter(line: JournalLine): SegmentKind | null {
  if (line.status === "waiting") return "waited";
  if (line.status === "opened") return "inside";
  if (line.status === "failed" && line.retry_at !== null) return "before retry";
  if (line.status === "started") return "ran";
  return null;
}

function barOf(key: string, draft: Draft, now: number | null): Bar {
  const { line, last } = draft;
  const open = pauseAfter(last);
  const from = Date.parse(last.ended_at);
  const segments =
    open && now !== null && now > from
      ? [...draft.segments, { kind: open, start: from, end: now, attempt: last.attempt }]
      : draft.segments;
  const start = Math.min(Date.parse(line.started_at), ...segments.slice(0, 1).map((one) => one.start));
  return {
    key,
    node: line.node_id,
    scope: line.scope,
    depth: line.scope === "" ? 0 : line.scope.split("/").length,
    start,
    end: segments.reduce((latest, one) => Math.max(latest, one.end), from),
    status: statusOf(last, now !== null),
    attempts: draft.attempts,
    segments,
    lastSequence: last.sequence,
    errorCode: last.status === "failed" ? last.error_code : null,
  };
}

function statusOf(last: JournalLine, goesOn: boolean): BarStatus {
  if (last.status === "completed") return "completed";
  if (last.status === "failed") return last.retry_at !== null && goesOn ? "retrying" : "failed";
  if (last.status === "waiting") return "waiting";
  return "running";
}

/**
 * The steps that the execution's duration came from: from the one that ended last back to the one whose end let it
 * begin, as the connections say; in loops from iteration to iteration. The keys of bars.
 */
export function criticalPath(
  bars: readonly Bar[],
  connections: readonly Pick<Connection, "from" | "to">[],
): ReadonlySet<string> {
  const sources = new Map<string, Set<string>>();
  for (const { from, to } of connections) sources.set(to, (sources.get(to) ?? new Set()).add(from));
  const index = new ByScope(bars);
  const found = new Set<string>();
  // Of equal ends the outermost: a loop ends with the last of its iterations.
  let bar: Bar | undefined = latest([...bars].sort((one, other) => one.depth - other.depth));
  while (bar && !found.has(bar.key)) {
    found.add(bar.key);
    const inside: Bar | undefined = lastInside(bar, index);
    bar = inside && !found.has(inside.key) ? inside : before(bar, sources, index, found);
  }
  return found;
}

class ByScope {
  private readonly scopes = new Map<string, Bar[]>();
  /** The bars within any iteration of a loop, by the loop's key. */
  private readonly loops = new Map<string, Bar[]>();

  constructor(bars: readonly Bar[]) {
    for (const bar of bars) {
      push(this.scopes, bar.scope, bar);
      const around = loopAround(bar.scope);
      if (around) push(this.loops, stepKey(around.node, around.scope), bar);
    }
    for (const inside of this.loops.values()) inside.sort((one, other) => one.end - other.end);
  }

  in(scope: string): readonly Bar[] {
    return this.scopes.get(scope) ?? [];
  }

  /** What a loop's iterations did, by when it ended. */
  inside(node: string, scope: string): readonly Bar[] {
    return this.loops.get(stepKey(node, scope)) ?? [];
  }

  /** The last in a loop's other iterations that had ended when a step began. */
  lastEnded(node: string, scope: string, by: Bar, found: ReadonlySet<string>): Bar | undefined {
    const bars = this.inside(node, scope);
    let [low, high] = [0, bars.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ended(bars[middle] as Bar, by)) low = middle + 1;
      else high = middle;
    }
    for (let place = low - 1; place >= 0; place -= 1) {
      const bar = bars[place] as Bar;
      if (bar.scope !== by.scope && !found.has(bar.key)) return bar;
    }
    return undefined;
  }
}

function push(map: Map<string, Bar[]>, key: string, bar: Bar): void {
  const there = map.get(key);
  if (there) there.push(bar);
  else map.set(key, [bar]);
}

/** The loop of which a scope is an iteration: `a:3/b:0` is one of `b` in `a:3`. */
function loopAround(scope: string): { node: string; scope: string } | null {
  if (scope === "") return null;
  const cut = scope.lastIndexOf("/");
  const own = scope.slice(cut + 1);
  return { node: own.slice(0, own.lastIndexOf(":")), scope: cut < 0 ? "" : scope.slice(0, cut) };
}

function lastInside(bar: Bar, index: ByScope): Bar | undefined {
  return index.inside(bar.node, bar.scope).at(-1);
}

function before(
  bar: Bar,
  sources: ReadonlyMap<string, ReadonlySet<string>>,
  index: ByScope,
  found: ReadonlySet<string>,
): Bar | undefined {
  const leading = sources.get(bar.node) ?? new Set();
  const direct = latest(
    index.in(bar.scope).filter((one) => leading.has(one.node) && ended(one, bar) && !found.has(one.key)),
  );
  if (direct) return direct;
  const loop = loopAround(bar.scope);
  if (!loop) return undefined;
  const earlier = index.lastEnded(loop.node, loop.scope, bar, found);
  if (earlier) return earlier;
  // The first iteration: what led to the loop itself.
  const around = index.in(loop.scope).find((one) => one.node === loop.node);
  return (
    around &&
    (found.has(around.key) ? before({ ...around, start: bar.start }, sources, index, found) : around)
  );
}

/** Clocks of two workers may differ by a little. */
const TOLERANCE_MS = 2;

function ended(one: Bar, by: Bar): boolean {
  return one.end <= by.start + TOLERANCE_MS;
}

function latest(bars: readonly Bar[]): Bar | undefined {
  return bars.reduce<Bar | undefined>(
    (found, bar) => (found && found.end >= bar.end ? found : bar),
    undefined,
  );
}

export interface View {
  readonly from: number;
  readonly to: number;
}

/** A shortest view, so that zooming in comes to an end. */
const SHORTEST_MS = 1;

/** The view `factor` times as long, with the same moment under `at` (a fraction of the view's width). */
export function zoomed(view: View, whole: View, factor: number, at = 0.5): View {
  const span = view.to - view.from;
  const wanted = Math.min(Math.max(span * factor, SHORTEST_MS), whole.to - whole.from);
  const from = view.from + span * at - wanted * at;
  return kept({ from, to: from + wanted }, whole);
}

/** The view moved by a fraction of its width. */
export function moved(view: View, whole: View, by: number): View {
  const shift = (view.to - view.from) * by;
  return kept({ from: view.from + shift, to: view.to + shift }, whole);
}

function kept(view: View, whole: View): View {
  const span = Math.min(view.to - view.from, whole.to - whole.from);
  const from = Math.min(Math.max(view.from, whole.from), whole.to - span);
  return { from, to: from + span };
}

const NICE_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
  600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000,
];

/** Round moments within a view, `most` or fewer, as milliseconds after `zero`. */
export function ticksOf(view: View, zero: number, most: number): readonly number[] {
  const least = (view.to - view.from) / Math.max(most, 1);
  const step = NICE_MS.find((one) => one >= least) ?? Math.ceil(least / 86_400_000) * 86_400_000;
  const ticks: number[] = [];
  for (let at = Math.ceil((view.from - zero) / step) * step; at <= view.to - zero; at += step) ticks.push(at);
  return ticks;
}
