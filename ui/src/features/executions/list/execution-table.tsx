/** Executions, the newest first. Only the lines that are seen are drawn; further ones are read as one scrolls. */
import { Badge, Checkbox, Loader, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { Duration } from "@/shared/ui/duration";
import { HrefLink } from "@/shared/ui/href-link";
import { StatusBadge } from "@/shared/ui/status-badge";
import { TimeAgo } from "@/shared/ui/time-ago";
import type { ExecutionHeader } from "../api";
import type { ExecutionLinks } from "../links";
import { TRIGGER_KINDS } from "../search";
import styles from "./list.module.css";

interface Props {
  executions: readonly ExecutionHeader[];
  links: ExecutionLinks;
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
  more: boolean;
  loading: boolean;
  onMore: () => void;
}

const LINE = 44;
const LINE_ON_A_PHONE = 64;
/** As many as the server takes at once. */
const MOST_CHOSEN = 100;

export function ExecutionTable({ executions, links, chosen, onChoose, more, loading, onMore }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const phone = useMediaQuery("(max-width: 36em)", false, { getInitialValueInEffect: false });
  const rows = useVirtualizer({
    count: executions.length,
    getScrollElement: () => frame.current,
    estimateSize: () => (phone ? LINE_ON_A_PHONE : LINE),
    overscan: 10,
  });
  const last = rows.getVirtualItems().at(-1)?.index ?? 0;
  const near = last >= executions.length - 10;
  useEffect(() => {
    if (near && more && !loading) onMore();
  }, [near, more, loading, onMore]);

  function turn(id: string): void {
    const next = new Set(chosen);
    if (!next.delete(id) && next.size < MOST_CHOSEN) next.add(id);
    onChoose(next);
  }

  const all = executions.slice(0, MOST_CHOSEN).map((one) => one.execution_id);
  return (
    <div className={styles.table}>
      <section ref={frame} className={styles.frame} aria-label="Lines">
        <table aria-label="Executions" aria-rowcount={executions.length + 1}>
          <thead>
            <tr className={`${styles.line} ${styles.head}`}>
              <th className={styles.check}>
                <Checkbox
                  size="xs"
                  aria-label="Choose all"
                  checked={chosen.size > 0 && all.every((id) => chosen.has(id))}
                  indeterminate={chosen.size > 0 && !all.every((id) => chosen.has(id))}
                  onChange={() => onChoose(chosen.size > 0 ? new Set() : new Set(all))}
                />
              </th>
              {["Status", "Workflow", "Started by", "Started", "Duration", "Error"].map((name) => (
                <th key={name}>{name}</th>
              ))}
            </tr>
          </thead>
          <tbody style={{ height: rows.getTotalSize() }}>
            {rows.getVirtualItems().map((item) => {
              const one = executions[item.index] as ExecutionHeader;
              return (
                <Line
                  key={one.execution_id}
                  execution={one}
                  index={item.index}
                  top={item.start}
                  links={links}
                  chosen={chosen.has(one.execution_id)}
                  onTurn={() => turn(one.execution_id)}
                />
              );
            })}
          </tbody>
        </table>
        {loading && <Loader size="sm" m="sm" role="status" aria-label="Loading more" />}
      </section>
    </div>
  );
}

interface LineProps {
  execution: ExecutionHeader;
  index: number;
  top: number;
  links: ExecutionLinks;
  chosen: boolean;
  onTurn: () => void;
}

function Line({ execution, index, top, links, chosen, onTurn }: LineProps) {
  const name = execution.workflow_name ?? execution.execution_id.slice(0, 8);
  return (
    <tr
      className={`${styles.line} ${styles.row}`}
      aria-rowindex={index + 2}
      data-chosen={chosen || undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      <td className={styles.check}>
        <Checkbox size="xs" checked={chosen} onChange={onTurn} aria-label={`Choose ${name}`} />
      </td>
      <td>
        <StatusBadge status={execution.status} />
      </td>
      <td>
        <HrefLink href={links.execution(execution.execution_id)} className={styles.name}>
          {name}
        </HrefLink>
        {execution.draft && (
          <Badge size="xs" variant="outline" color="gray" tt="none" ml={8}>
            Try
          </Badge>
        )}
      </td>
      <td>{TRIGGER_KINDS[execution.trigger_kind]}</td>
      <td>
        <TimeAgo time={execution.start_time} />
      </td>
      <td>
        <Duration seconds={execution.execution_time_seconds} />
      </td>
      <td title={execution.error_message ?? undefined}>
        {execution.error_code && execution.status === "failed" && (
          <>
            <Text component="span" inherit className={styles.error}>
              {execution.error_code}
            </Text>{" "}
            <Text component="span" inherit c="dimmed">
              {execution.error_message}
            </Text>
          </>
        )}
      </td>
    </tr>
  );
}
