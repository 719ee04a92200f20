/** When each step ran, waited and was tried again. Only the lines that are seen are drawn; one can zoom into the time. */
import { ActionIcon, Group, Switch, Tooltip } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import {
  IconArrowsHorizontal,
  IconChevronDown,
  IconChevronRight,
  IconFold,
  IconFoldDown,
  IconZoomIn,
  IconZoomOut,
} from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import {
  criticalPath,
  moved,
  type Segment,
  stepKey,
  type Timeline,
  ticksOf,
  type View,
  zoomed,
} from "@/graph/timeline";
import { loopsAround, rowsOf, type TimelineRow } from "@/graph/timeline-rows";
import type { Connection } from "@/graph/workflow";
import { formatDuration } from "@/shared/time/format";
import styles from "./detail.module.css";

interface Props {
  timeline: Timeline;
  connections: readonly Connection[];
  names: ReadonlyMap<string, string>;
  selected?: { node: string; scope: string };
  onSelect: (node: string, scope: string) => void;
}

const LINE = 26;
const KINDS = [
  ["ran", "Ran"],
  ["failed", "Failed attempt"],
  ["before retry", "Before the next try"],
  ["waited", "Waited"],
  ["inside", "Loop going round"],
  ["critical", "Critical path"],
] as const;

export function TimelineView({ timeline, connections, names, selected, onSelect }: Props) {
  const critical = useMemo(() => criticalPath(timeline.bars, connections), [timeline, connections]);
  const [only, setOnly] = useState(false);
  const bars = useMemo(
    () => (only ? timeline.bars.filter((bar) => critical.has(bar.key)) : timeline.bars),
    [only, timeline, critical],
  );
  const { rows, loops, open, openAll } = useRows(bars, selected?.scope ?? "");
  const { whole, view, setView } = useView(timeline);
  const frame = useRef<HTMLDivElement>(null);
  const { ref: axis, width } = useElementSize();
  const lines = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => LINE,
    overscan: 12,
  });
  useWheel(frame, (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) return;
    event.preventDefault();
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const at = Math.min(Math.max((event.clientX - box.left - 220) / Math.max(box.width - 220, 1), 0), 1);
    if (event.shiftKey) setView((before) => moved(before, whole, (event.deltaX || event.deltaY) / 800));
    else setView((before) => zoomed(before, whole, event.deltaY > 0 ? 1.25 : 0.8, at));
  });

  function onKey(event: KeyboardEvent): void {
    const change = KEYS[event.key];
    if (!change) return;
    event.preventDefault();
    setView((before) => change(before, whole));
  }

  return (
    <div className={styles.timeline}>
      <div className={styles.tools}>
        <div className={styles.legend}>
          {KINDS.map(([kind, label]) => (
            <span key={kind}>
              <span className={styles.swatch} data-kind={kind} aria-hidden="true" />
              {label}
            </span>
          ))}
        </div>
        <Group gap={4}>
          <Switch
            size="xs"
            label="Only the critical path"
            checked={only}
            onChange={(event) => setOnly(event.currentTarget.checked)}
            mr="sm"
          />
          {loops.length > 0 && (
            <Tool
              label={rows.length < bars.length ? "Show all iterations" : "Hide all iterations"}
              onClick={() => openAll(rows.length < bars.length)}
            >
              {rows.length < bars.length ? <IconFoldDown size={17} /> : <IconFold size={17} />}
            </Tool>
          )}
          <Tool label="Zoom in (+)" onClick={() => setView((before) => zoomed(before, whole, 0.5))}>
            <IconZoomIn size={17} />
          </Tool>
          <Tool label="Zoom out (-)" onClick={() => setView((before) => zoomed(before, whole, 2))}>
            <IconZoomOut size={17} />
          </Tool>
          <Tool label="Show all (0)" onClick={() => setView(whole)}>
            <IconArrowsHorizontal size={17} />
          </Tool>
        </Group>
      </div>
      <div className={styles.axis} ref={axis} aria-hidden="true">
        {ticksOf(view, timeline.start, Math.max(width / 90, 2)).map((tick) => (
          <span
            key={tick}
            className={styles.tick}
            style={{ left: `${percent(timeline.start + tick, view)}%` }}
          >
            {formatDuration(tick / 1000)}
          </span>
        ))}
      </div>
      <section
        ref={frame}
        className={styles.bars}
        aria-label="Timeline"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled and zoomed by keyboard
        tabIndex={0}
        onKeyDown={onKey}
      >
        <div style={{ height: lines.getTotalSize(), position: "relative" }}>
          {lines.getVirtualItems().map((item) => {
            const row = rows[item.index] as TimelineRow;
            const { bar } = row;
            return (
              <Line
                key={bar.key}
                row={row}
                top={item.start}
                view={view}
                name={names.get(bar.node) ?? bar.node}
                critical={critical.has(bar.key)}
                selected={selected !== undefined && stepKey(selected.node, selected.scope) === bar.key}
                onSelect={() => onSelect(bar.node, bar.scope)}
                onOpen={(wanted) => open(bar.key, wanted)}
              />
            );
          })}
        </div>
      </section>
    </div>
  );
}

/** The lines, with the loops that somebody opened or closed; the step that is looked into is never hidden. */
function useRows(bars: Timeline["bars"], selectedScope: string) {
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  useEffect(() => {
    const around = loopsAround(selectedScope);
    if (around.length > 0)
      setChosen((before) => new Map([...before, ...around.map((key) => [key, true] as const)]));
  }, [selectedScope]);
  const rows = useMemo(() => rowsOf(bars, chosen), [bars, chosen]);
  const loops = useMemo(() => rows.filter((row) => row.inside > 0), [rows]);
  const open = (key: string, wanted: boolean) => setChosen((before) => new Map([...before, [key, wanted]]));
  const openAll = (wanted: boolean) =>
    setChosen(new Map(bars.flatMap((bar) => loopsAround(bar.scope)).map((key) => [key, wanted])));
  return { rows, loops, open, openAll };
}

const KEYS: Record<string, (view: View, whole: View) => View> = {
  "+": (view, whole) => zoomed(view, whole, 0.5),
  "-": (view, whole) => zoomed(view, whole, 2),
  "0": (_, whole) => whole,
  ArrowLeft: (view, whole) => moved(view, whole, -0.2),
  ArrowRight: (view, whole) => moved(view, whole, 0.2),
};

/** The part of the time that is shown: all of it, and all that comes, until somebody zooms. */
function useView(timeline: Timeline) {
  const whole = useMemo(
    // With a little room, so that what is at the end is seen.
    () => ({
      from: timeline.start,
      to: timeline.end + Math.max((timeline.end - timeline.start) * 0.02, 0.5),
    }),
    [timeline.start, timeline.end],
  );
  const [chosen, setChosen] = useState<View | null>(null);
  const view = chosen ?? whole;
  const setView = (change: View | ((before: View) => View)) => {
    const next = typeof change === "function" ? change(view) : change;
    setChosen(next.from <= whole.from && next.to >= whole.to ? null : next);
  };
  return { whole, view, setView };
}

/** React listens to the wheel passively, so that it could not be kept from zooming the page. */
function useWheel(target: React.RefObject<HTMLElement | null>, listen: (event: WheelEvent) => void): void {
  const latest = useRef(listen);
  latest.current = listen;
  useEffect(() => {
    const element = target.current;
    const heard = (event: WheelEvent) => latest.current(event);
    element?.addEventListener("wheel", heard, { passive: false });
    return () => element?.removeEventListener("wheel", heard);
  }, [target]);
}

function Tool({ label, onClick, children }: { label: string; onClick: () => void; children: ReactNode }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" onClick={onClick} aria-label={label}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

interface LineProps {
  row: TimelineRow;
  top: number;
  view: View;
  name: string;
  critical: boolean;
  selected: boolean;
  onSelect: () => void;
  onOpen: (wanted: boolean) => void;
}

function Line(props: LineProps) {
  const { row, top, name, onOpen } = props;
  return (
    <div className={styles.row} style={{ transform: `translateY(${top}px)` }}>
      {row.inside > 0 && (
        <ActionIcon
          className={styles.fold}
          style={{ left: row.bar.depth * 12 }}
          size={24}
          aria-expanded={row.open}
          aria-label={`${row.iterations} ${row.iterations === 1 ? "iteration" : "iterations"} of ${name}`}
          onClick={() => onOpen(!row.open)}
        >
          {row.open ? <IconChevronDown size={15} /> : <IconChevronRight size={15} />}
        </ActionIcon>
      )}
      <Step {...props} />
    </div>
  );
}

function Step({ row, view, name, critical, selected, onSelect }: Omit<LineProps, "top" | "onOpen">) {
  const { bar } = row;
  const seconds = (bar.end - bar.start) / 1000;
  return (
    <button
      type="button"
      className={styles.line}
      data-selected={selected || undefined}
      onClick={onSelect}
      title={describe(bar, name, critical)}
      aria-label={describe(bar, name, critical)}
    >
      <span className={styles.label} style={{ paddingLeft: 26 + bar.depth * 12 }}>
        <span className={styles.labelText}>{name}</span>
        {bar.scope && <span className={styles.scope}>{bar.scope.slice(bar.scope.lastIndexOf("/") + 1)}</span>}
        {row.inside > 0 && <span className={styles.scope}>×{row.iterations.toLocaleString()}</span>}
      </span>
      <span className={styles.track}>
        {bar.segments.map((segment) => (
          <Piece key={`${segment.kind} ${segment.start}`} segment={segment} view={view} critical={critical} />
        ))}
        {bar.segments.length === 0 && (
          <Piece
            segment={{ kind: "ran", start: bar.start, end: bar.start + seconds * 1000, attempt: 1 }}
            view={view}
            critical={critical}
          />
        )}
      </span>
    </button>
  );
}

function Piece({ segment, view, critical }: { segment: Segment; view: View; critical: boolean }) {
  if (segment.end < view.from || segment.start > view.to) return null;
  const left = percent(Math.max(segment.start, view.from), view);
  const right = percent(Math.min(segment.end, view.to), view);
  return (
    <span
      className={styles.segment}
      data-kind={segment.kind}
      data-critical={critical || undefined}
      style={{ left: `${left}%`, width: `${right - left}%` }}
    />
  );
}

function percent(at: number, view: View): number {
  return ((at - view.from) / (view.to - view.from)) * 100;
}

function describe(bar: TimelineRow["bar"], name: string, critical: boolean): string {
  const parts = [
    `${name}${bar.scope ? ` in ${bar.scope}` : ""}: ${bar.status}`,
    formatDuration((bar.end - bar.start) / 1000),
    bar.attempts > 1 ? `${bar.attempts} attempts` : "",
    bar.errorCode ?? "",
    critical ? "on the critical path" : "",
  ];
  return parts.filter(Boolean).join(", ");
}
