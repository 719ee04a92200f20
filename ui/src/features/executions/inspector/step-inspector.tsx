/** One step of an execution, looked into: what it got and gave, its log, its error, each attempt and iteration. */
import { Group, SegmentedControl, Skeleton, Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Json } from "@/graph/workflow";
import styles from "@/shared/inspection/inspection.module.css";
import { IterationPicker } from "@/shared/inspection/iteration-picker";
import { PinButton } from "@/shared/inspection/pin-button";
import { StepOutcome } from "@/shared/inspection/step-outcome";
import { StepTabs } from "@/shared/inspection/step-tabs";
import { turnToOpen } from "@/shared/inspection/turns";
import { ErrorState } from "@/shared/ui/error-state";
import { type Iteration, iterationsQuery, readValue, type Side, type StepDetail, stepQuery } from "../api";
import { Compare } from "./compare";

export interface StepPlace {
  readonly scope?: string;
  /** A row of the journal: an attempt. The last one without it. */
  readonly row?: number;
}

interface Props {
  executionId: string;
  nodeId: string;
  place?: StepPlace;
  onPlace: (place: StepPlace) => void;
  /** Whether the execution goes on. */
  live?: boolean;
  /** How the node is called; null where that is said already. */
  title: string | null;
  /** What can be done from here. */
  actions?: ReactNode;
  /** Takes an output for the one that the node is to give; null where nothing can be pinned. */
  onPin?: ((output: Json) => void) | null;
  /** The address of the page of an execution. */
  link: (executionId: string) => string;
}

export function StepInspector(props: Props) {
  const { executionId, nodeId, place = {}, live = false } = props;
  const query = useQuery(iterationsQuery(executionId, nodeId, live));
  if (query.isPending) return <Waiting />;
  if (query.isError)
    return <ErrorState error={query.error} doing="look into the step" retry={query.refetch} />;
  const iterations = query.data.all;
  const current = iterations.find((one) => one.scope === place.scope) ?? turnToOpen(iterations);
  if (!current) {
    return (
      <Stack p="md" gap="xs">
        {props.title !== null && <Text fw={600}>{props.title}</Text>}
        <Text size="sm" c="dimmed">
          {live ? "This node has not run yet." : "This node did not run in this execution."}
        </Text>
        {props.actions}
      </Stack>
    );
  }
  return <Step {...props} iterations={iterations} more={query.data.more} current={current} />;
}

function Waiting() {
  return (
    <Stack p="md" gap="sm" role="status" aria-busy="true" aria-label="Loading">
      <Skeleton height={20} width="60%" />
      <Skeleton height={240} />
    </Stack>
  );
}

interface StepProps extends Props {
  iterations: readonly Iteration[];
  more: boolean;
  current: Iteration;
}

function Step(props: StepProps) {
  const { executionId, nodeId, place = {}, onPlace, title, actions, iterations, more, current } = props;
  const within = place.row && place.row >= current.sequence && place.row <= current.last_sequence;
  const sequence = within ? (place.row ?? 0) : current.last_sequence;
  const query = useQuery({ ...stepQuery(executionId, sequence), placeholderData: keepPreviousData });
  const detail = query.data;
  return (
    <div className={styles.inspector}>
      <Stack gap={8} className={styles.head}>
        <Group justify="space-between" wrap="nowrap">
          {title !== null && (
            <div>
              <Text fw={620}>{title}</Text>
              <Text size="xs" c="dimmed" ff="monospace">
                {nodeId}
              </Text>
            </div>
          )}
          {detail && <Outcome detail={detail} />}
          {title === null && actions}
        </Group>
        <IterationPicker
          iterations={iterations}
          more={more}
          current={current}
          onChoose={(scope) => onPlace({ scope })}
        />
        {detail && <Attempts detail={detail} onChoose={(row) => onPlace({ scope: current.scope, row })} />}
        {title !== null && actions && <Group>{actions}</Group>}
      </Stack>
      {query.isPending && <Waiting />}
      {query.isError && <ErrorState error={query.error} doing="read the step" retry={query.refetch} />}
      {detail && <Values {...props} detail={detail} busy={query.isPlaceholderData} />}
    </div>
  );
}

function Outcome({ detail: { line } }: { detail: StepDetail }) {
  const seconds = (Date.parse(line.ended_at) - Date.parse(line.started_at)) / 1000;
  return <StepOutcome status={line.status} seconds={seconds} ports={line.ports} />;
}

/** Rows of which each shows something of its own. */
const SHOWN = new Set(["completed", "failed", "waiting", "opened", "released"]);

function Attempts({ detail, onChoose }: { detail: StepDetail; onChoose: (row: number) => void }) {
  const rows = detail.rows.filter((row) => SHOWN.has(row.status));
  if (rows.length < 2) return null;
  const again = rows.some((row) => row.attempt > 1);
  return (
    <SegmentedControl
      size="xs"
      aria-label="Attempt"
      value={String(detail.line.sequence)}
      onChange={(row) => onChoose(Number(row))}
      data={rows.slice(-6).map((row) => ({
        value: String(row.sequence),
        label: again ? `${row.attempt}. ${row.status}` : row.status,
      }))}
    />
  );
}

interface ValuesProps extends Pick<Props, "executionId" | "onPin" | "link"> {
  detail: StepDetail;
  busy: boolean;
}

function Values({ executionId, detail, onPin, link, busy }: ValuesProps) {
  const { line, input, output, error } = detail;
  const readOn = (side: Side) => (path: string, shown: number) =>
    readValue(executionId, line.sequence, side, path, shown);
  const pinnable = onPin && error === null && line.status === "completed";
  return (
    <StepTabs
      at={`${executionId} ${line.sequence}`}
      busy={busy}
      error={error}
      link={link}
      output={{
        excerpt: output,
        readOn: readOn("output"),
        actions: pinnable && <PinButton excerpt={output} onPin={onPin} />,
      }}
      input={input && { excerpt: input, readOn: readOn("input") }}
      log={line.has_log ? detail.log.value : null}
      compare={<Compare key={executionId} executionId={executionId} detail={detail} />}
    />
  );
}
