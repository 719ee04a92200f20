/** What a node did in one of the latest runs of its workflow: the one that is on the canvas, or another one. */
import { ActionIcon, Group, Select, Text, Tooltip } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Json } from "@/graph/workflow";
import { formatTime } from "@/shared/time/format";
import { ErrorState } from "@/shared/ui/error-state";
import { STATUS_LOOKS } from "@/shared/ui/status-badge";
import { type Execution, executionQuery, isOver, othersQuery } from "../api";
import { ForkButton } from "../inspector/fork-button";
import { StepInspector, type StepPlace } from "../inspector/step-inspector";
import { useFollowed } from "../use-followed";
import styles from "./run-step.module.css";

interface Props {
  /** The run that is looked at until somebody chooses another one. */
  executionId: string;
  nodeId: string;
  name: string;
  onPin: ((output: Json) => void) | null;
  /** The address of the page of an execution. */
  link: (executionId: string) => string;
  onForked: (executionId: string) => void;
}

export function RunStep(props: Props) {
  const [chosen, setChosen] = useState<string | null>(null);
  const shown = chosen ?? props.executionId;
  const query = useQuery(executionQuery(shown));
  if (query.isError) return <ErrorState error={query.error} doing="read the run" retry={query.refetch} />;
  return (
    <div className={styles.place}>
      <Head shown={shown} run={query.data ?? null} onChoose={setChosen} link={props.link} />
      {query.data && <Step key={shown} {...props} run={query.data} />}
    </div>
  );
}

interface HeadProps {
  shown: string;
  run: Execution | null;
  onChoose: (executionId: string) => void;
  link: Props["link"];
}

function Head({ shown, run, onChoose, link }: HeadProps) {
  const others = useQuery({ ...othersQuery(run?.workflow_id ?? ""), enabled: run !== null });
  const latest = others.data ?? [];
  const all = run && !latest.some((one) => one.execution_id === shown) ? [run, ...latest] : latest;
  return (
    <Group className={styles.head} gap={6} wrap="nowrap">
      <Text size="xs" c="dimmed" component="span">
        Run
      </Text>
      <Select
        size="xs"
        aria-label="Run that is looked at"
        className={styles.choice}
        allowDeselect={false}
        data={all.map((one) => ({ value: one.execution_id, label: labelOf(one) }))}
        value={run === null ? null : shown}
        onChange={(executionId) => executionId !== null && onChoose(executionId)}
      />
      <Tooltip label="Open this run on a page of its own">
        <ActionIcon component="a" href={link(shown)} aria-label="Open the run that is looked at">
          <IconExternalLink size={16} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

function labelOf({ start_time, status }: Pick<Execution, "start_time" | "status">): string {
  return `${formatTime(new Date(start_time))} · ${STATUS_LOOKS[status].label}`;
}

function Step({ run, nodeId, name, onPin, onForked, link }: Props & { run: Execution }) {
  const executionId = run.execution_id;
  const live = !isOver(run.status);
  useFollowed(executionId, live);
  const [place, setPlace] = useState<StepPlace>({});
  const forkable = run.status !== "running" && run.status !== "pending";
  const actions: ReactNode = forkable && (
    <ForkButton
      executionId={executionId}
      node={nodeId}
      name={name}
      onForked={onForked}
      {...(place.scope !== undefined && { scope: place.scope })}
    />
  );
  return (
    <StepInspector
      executionId={executionId}
      nodeId={nodeId}
      title={null}
      live={live}
      place={place}
      onPlace={setPlace}
      actions={actions}
      onPin={onPin}
      link={link}
    />
  );
}
