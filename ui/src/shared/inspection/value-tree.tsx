/** A value as a tree. Only the lines that are seen are drawn, and what was cut is read when it is asked for. */
import { Button } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import styles from "./inspection.module.css";
import { type Partial, type TreeRow, treeRows } from "./parts";

interface Props {
  partial: Partial;
  label: string;
  onMore: (path: string, shown: number) => void;
  loading: boolean;
}

const LINE = 24;
/** What is open at first. */
const OPEN_DEPTH = 2;

export function ValueTree({ partial, label, onMore, loading }: Props) {
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(
    () => treeRows(partial, (path, depth) => depth < OPEN_DEPTH !== turned.has(path)),
    [partial, turned],
  );
  const frame = useRef<HTMLDivElement>(null);
  const lines = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => LINE,
    overscan: 20,
  });

  function turn(path: string): void {
    setTurned((before) => {
      const after = new Set(before);
      if (!after.delete(path)) after.add(path);
      return after;
    });
  }

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard
    <section ref={frame} className={styles.scroll} aria-label={label} tabIndex={0}>
      <div className={styles.rows} style={{ height: lines.getTotalSize() }}>
        {lines.getVirtualItems().map((item) => {
          const row = rows[item.index] as TreeRow;
          return (
            <div
              key={`${row.kind} ${row.path}`}
              className={styles.row}
              style={{ transform: `translateY(${item.start}px)`, paddingLeft: 8 + row.depth * 16 }}
            >
              {row.kind === "more" ? (
                <Button
                  size="compact-xs"
                  variant="light"
                  loading={loading}
                  onClick={() => onMore(row.path, row.cut?.shown ?? 0)}
                >
                  {`Show more (${row.cut?.shown.toLocaleString()} of ${row.count.toLocaleString()})`}
                </Button>
              ) : (
                <Line row={row} onTurn={() => turn(row.path)} onMore={onMore} />
              )}
            </div>
          );
        })}
      </div>
    </section>
  );
}

function Line({ row, onTurn, onMore }: { row: TreeRow; onTurn: () => void; onMore: Props["onMore"] }) {
  const name = row.name === null ? null : <span className={styles.name}>{row.name}:</span>;
  if (row.kind === "leaf") {
    return (
      <>
        <span style={{ flex: "0 0 14px" }} />
        {name}
        <Leaf value={row.value} />
        {row.cut && (
          <Button
            size="compact-xs"
            variant="light"
            onClick={() => onMore(row.path, row.cut?.shown ?? 0)}
          >{`${row.cut.shown.toLocaleString()} of ${row.cut.length.toLocaleString()} characters`}</Button>
        )}
      </>
    );
  }
  const open = row.kind === "open";
  const list = Array.isArray(row.value);
  return (
    <button type="button" className={styles.twist} aria-expanded={open} onClick={onTurn}>
      {open ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />}
      {name}
      <span className={styles.count}>
        {list ? `[${row.count.toLocaleString()}]` : `{${row.count.toLocaleString()}}`}
      </span>
    </button>
  );
}

function Leaf({ value }: { value: unknown }) {
  if (typeof value === "string") return <span className={styles.text}>{JSON.stringify(value)}</span>;
  if (typeof value === "number") return <span className={styles.number}>{String(value)}</span>;
  return <span className={styles.word}>{JSON.stringify(value)}</span>;
}
