/** The journal, line by line, as it was written. */
import { Checkbox, Group, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { formatClock, formatDuration } from "@/shared/time/format";
import { MOST_LINES, type StepLine } from "../api";
import styles from "./detail.module.css";

interface Props {
  lines: readonly StepLine[];
  names: ReadonlyMap<string, string>;
  selected?: number;
  onSelect: (line: StepLine) => void;
}

const LINE = 26;
/** What loops note down for themselves. */
const QUIET = new Set(["round", "spilled", "loaded"]);

export function LogView({ lines, names, selected, onSelect }: Props) {
  const [text, setText] = useState("");
  const [failures, setFailures] = useState(false);
  const shown = useMemo(() => sifted(lines, names, text, failures), [lines, names, text, failures]);
  const frame = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => frame.current,
    estimateSize: () => LINE,
    overscan: 20,
  });
  return (
    <div className={styles.timeline}>
      <div className={styles.tools}>
        <TextInput
          size="xs"
          leftSection={<IconSearch size={14} />}
          placeholder="Find in the log"
          aria-label="Find in the log"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Group gap="md">
          <Checkbox
            size="xs"
            label="Only failures"
            checked={failures}
            onChange={(event) => setFailures(event.currentTarget.checked)}
          />
          <Text size="xs" c="dimmed">
            {shown.length.toLocaleString()} lines
            {lines.length >= MOST_LINES && `, the first ${MOST_LINES.toLocaleString()} of the journal`}
          </Text>
        </Group>
      </div>
      <span />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard */}
      <section ref={frame} className={styles.log} aria-label="Log" tabIndex={0}>
        <div style={{ height: rows.getTotalSize(), position: "relative" }}>
          {rows.getVirtualItems().map((item) => {
            const line = shown[item.index] as StepLine;
            return (
              <button
                type="button"
                key={line.sequence}
                className={styles.logLine}
                style={{ transform: `translateY(${item.start}px)` }}
                data-status={line.status}
                data-selected={line.sequence === selected || undefined}
                onClick={() => onSelect(line)}
              >
                <Text inherit c="dimmed" component="span">
                  {line.sequence}
                </Text>
                <span>{formatClock(new Date(line.ended_at))}</span>
                <span>{line.status}</span>
                <span>
                  {names.get(line.node_id) ?? line.node_id}
                  {line.scope && ` · ${line.scope}`}
                </span>
                <span>{summaryOf(line)}</span>
              </button>
            );
          })}
        </div>
      </section>
    </div>
  );
}

function sifted(
  lines: readonly StepLine[],
  names: ReadonlyMap<string, string>,
  text: string,
  failures: boolean,
): readonly StepLine[] {
  const wanted = text.trim().toLowerCase();
  return lines.filter((line) => {
    if (QUIET.has(line.status) || (failures && line.status !== "failed")) return false;
    if (!wanted) return true;
    const told = [
      names.get(line.node_id),
      line.node_id,
      line.scope,
      line.status,
      line.error_code,
      line.error_message,
    ];
    return told.some((one) => one?.toLowerCase().includes(wanted));
  });
}

function summaryOf(line: StepLine): string {
  if (line.error_code) {
    const again = line.retry_at ? ` Tried again at ${formatClock(new Date(line.retry_at))}.` : "";
    return `${line.error_code}: ${line.error_message ?? ""}${again}`;
  }
  const seconds = (Date.parse(line.ended_at) - Date.parse(line.started_at)) / 1000;
  const parts = [
    line.status === "completed" ? formatDuration(seconds) : "",
    line.attempt > 1 ? `attempt ${line.attempt}` : "",
    line.ports.length > 0 ? `→ ${line.ports.join(", ")}` : "",
    line.until ? `until ${formatClock(new Date(line.until))}` : "",
  ];
  return parts.filter(Boolean).join(" · ");
}
