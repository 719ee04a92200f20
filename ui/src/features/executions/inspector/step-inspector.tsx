/** One step of an execution, looked into: what it got and gave, its log, its error, each attempt and iteration. */
import { Alert, Badge, Code, Group, SegmentedControl, Skeleton, Stack, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Duration } from "@/shared/ui/duration";
import { ErrorState } from "@/shared/ui/error-state";
import { type Iteration, iterationsQuery, type StepDetail, stepQuery } from "../api";
import { Compare } from "./compare";
import styles from "./inspector.module.css";
import { IterationPicker } from "./iteration-picker";
import { ValueView } from "./value-view";

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
  title?: string;
  /** What can be done from here. */
  actions?: ReactNode;
}

export function StepInspector(props: Props) {
  const { executionId, nodeId, place = {}, live = false } = props;
  const query = useQuery(iterationsQuery(executionId, nodeId, live));
  if (query.isPending) return <Waiting />;
  if (query.isError)
    return <ErrorState error={query.error} doing="look into the step" retry={query.refetch} />;
  const iterations = query.data.all;
  const current = iterations.find((one) => one.scope === place.scope) ?? iterations.at(-1);
  if (!current) {
    return (
      <Stack p="md" gap="xs">
        <Text fw={600}>{props.title ?? nodeId}</Text>
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
    <Stack p="md" gap="sm" aria-busy="true" aria-label="Loading">
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

function Step({
  executionId,
  nodeId,
  place = {},
  onPlace,
  title,
  actions,
  iterations,
  more,
  current,
}: StepProps) {
  const within = place.row && place.row >= current.sequence && place.row <= current.last_sequence;
  const query = useQuery(stepQuery(executionId, within ? (place.row ?? 0) : current.last_sequence));
  const detail = query.data;
  return (
    <div className={styles.inspector}>
      <Stack gap={8} className={styles.head}>
        <Group justify="space-between" wrap="nowrap">
          <div>
            <Text fw={620}>{title ?? nodeId}</Text>
            <Text size="xs" c="dimmed" ff="monospace">
              {nodeId}
            </Text>
          </div>
          {detail && <Ended detail={detail} />}
        </Group>
        <IterationPicker
          iterations={iterations}
          more={more}
          current={current}
          onChoose={(scope) => onPlace({ scope })}
        />
        {detail && <Attempts detail={detail} onChoose={(row) => onPlace({ scope: current.scope, row })} />}
        {actions && <Group>{actions}</Group>}
      </Stack>
      {query.isPending && <Waiting />}
      {query.isError && <ErrorState error={query.error} doing="read the step" retry={query.refetch} />}
      {detail && <Values key={detail.line.sequence} executionId={executionId} detail={detail} />}
    </div>
  );
}

const LOOKS: Record<string, { color: string; label: string }> = {
  completed: { color: "teal", label: "Completed" },
  failed: { color: "red", label: "Failed" },
  waiting: { color: "grape", label: "Waiting" },
  opened: { color: "blue", label: "Going round" },
  started: { color: "blue", label: "Running" },
};

function Ended({ detail: { line } }: { detail: StepDetail }) {
  const look = LOOKS[line.status] ?? { color: "gray", label: line.status };
  const seconds = (Date.parse(line.ended_at) - Date.parse(line.started_at)) / 1000;
  return (
    <Stack gap={2} align="flex-end">
      <Badge variant="light" color={look.color} tt="none">
        {look.label}
      </Badge>
      <Text size="xs" c="dimmed">
        <Duration seconds={seconds} />
        {line.ports.length > 0 && ` → ${line.ports.join(", ")}`}
      </Text>
    </Stack>
  );
}

/** Rows of which each shows something of its own. */
const SHOWN = new Set(["completed", "failed", "waiting", "opened", "released"]);

function Attempts({ detail, onChoose }: { detail: StepDetail; onChoose: (row: number) => void }) {
  const rows = detail.rows.filter((row) => SHOWN.has(row.status));
  if (rows.length < 2) return null;
  return (
    <SegmentedControl
      size="xs"
      aria-label="Attempt"
      value={String(detail.line.sequence)}
      onChange={(row) => onChoose(Number(row))}
      data={rows.slice(-6).map((row) => ({
        value: String(row.sequence),
        label:
          row.status === "failed" || rows.some((one) => one.attempt > 1)
            ? `${row.attempt}. ${row.status}`
            : row.status,
      }))}
    />
  );
}

function Values({ executionId, detail }: { executionId: string; detail: StepDetail }) {
  const { line } = detail;
  const shown = { executionId, sequence: line.sequence };
  return (
    <Tabs defaultValue={detail.error ? "error" : "output"} keepMounted={false} className={styles.body}>
      <Tabs.List px={8}>
        {detail.error && <Tabs.Tab value="error">Error</Tabs.Tab>}
        <Tabs.Tab value="output">Output</Tabs.Tab>
        {detail.input && <Tabs.Tab value="input">Input</Tabs.Tab>}
        {line.has_log && <Tabs.Tab value="log">Log</Tabs.Tab>}
        <Tabs.Tab value="compare">Compare</Tabs.Tab>
      </Tabs.List>
      {detail.error && (
        <Tabs.Panel value="error" className={styles.log}>
          <StepError error={detail.error} />
        </Tabs.Panel>
      )}
      <Tabs.Panel value="output" className={styles.body}>
        <ValueView {...shown} side="output" excerpt={detail.output} />
      </Tabs.Panel>
      {detail.input && (
        <Tabs.Panel value="input" className={styles.body}>
          <ValueView {...shown} side="input" excerpt={detail.input} />
        </Tabs.Panel>
      )}
      <Tabs.Panel value="log" className={styles.log}>
        <Log lines={detail.log.value} />
      </Tabs.Panel>
      <Tabs.Panel value="compare" className={styles.body}>
        <Compare executionId={executionId} detail={detail} />
      </Tabs.Panel>
    </Tabs>
  );
}

function StepError({ error }: { error: Record<string, unknown> }) {
  const {
    code,
    message,
    remedy,
    retryable: _,
    retry_at: again,
    node: __,
    scope: ___,
    attempt: ____,
    ...rest
  } = error;
  return (
    <Stack gap="sm">
      <Alert color="red" title={String(code ?? "Failed")}>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {String(message ?? "")}
        </Text>
        {typeof remedy === "string" && remedy !== "" && (
          <Text size="sm" mt={6}>
            {remedy}
          </Text>
        )}
      </Alert>
      {again != null && <Text size="sm">It is tried again.</Text>}
      {Object.keys(rest).length > 0 && <Code block>{JSON.stringify(rest, null, 2)}</Code>}
    </Stack>
  );
}

function Log({ lines }: { lines: unknown }) {
  const told = Array.isArray(lines) ? (lines as { message?: unknown; fields?: unknown }[]) : [];
  return (
    <Stack gap={4} component="ol" m={0} pl="lg">
      {told.map((line, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of a log have no other name
        <Text key={place} size="xs" ff="monospace" component="li" style={{ overflowWrap: "anywhere" }}>
          {String(line.message ?? "")} {line.fields ? JSON.stringify(line.fields) : ""}
        </Text>
      ))}
    </Stack>
  );
}
