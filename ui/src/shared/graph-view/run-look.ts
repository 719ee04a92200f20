/** What a run looks like: word, colour and icon of a node's state, and whether a connection was taken. */
import type { MantineColor } from "@mantine/core";
import {
  type Icon,
  IconAlertCircle,
  IconAlertTriangle,
  IconCheck,
  IconClock,
  IconHourglassEmpty,
  IconLoader2,
  IconPlayerPause,
  IconRefresh,
  IconX,
} from "@tabler/icons-react";
import { sourceOf } from "@/graph/connections";
import { ERROR } from "@/graph/ports";
import type { NodeRunState, NodeRunStatus, RunStates } from "@/graph/run-state";
import type { Connection } from "@/graph/workflow";
import { formatDuration } from "../time/format";

interface RunLook {
  readonly label: string;
  readonly color: MantineColor;
  readonly icon: Icon;
}

export const RUN_LOOKS: Readonly<Record<NodeRunStatus, RunLook>> = {
  pending: { label: "Not begun", color: "gray", icon: IconClock },
  running: { label: "Running", color: "blue", icon: IconLoader2 },
  waiting: { label: "Waiting", color: "grape", icon: IconHourglassEmpty },
  retrying: { label: "Trying again", color: "orange", icon: IconRefresh },
  completed: { label: "Completed", color: "teal", icon: IconCheck },
  failed: { label: "Failed", color: "red", icon: IconX },
  skipped: { label: "Skipped", color: "gray", icon: IconAlertCircle },
  paused: { label: "Paused", color: "yellow", icon: IconPlayerPause },
};

const PARTLY: RunLook = { label: "Failed in part", color: "orange", icon: IconAlertTriangle };

/** Whether it went on although some of its iterations failed. */
export function isPartlyFailed({ status, failed }: NodeRunState): boolean {
  return status === "completed" && failed > 0;
}

export function lookOfRun(run: NodeRunState): RunLook {
  return isPartlyFailed(run) ? PARTLY : RUN_LOOKS[run.status];
}

/** As "12/20 · 350 ms", "attempt 2": the figures beside the icon of a state. */
export function runFigures(run: NodeRunState): string {
  const figures: string[] = [];
  if (run.iterations) figures.push(`${run.iterations.done}/${run.iterations.of ?? "…"}`);
  else if (run.runs > 1) figures.push(`×${run.runs}`);
  if (run.failed > 0 && run.runs > 1) figures.push(`${run.failed} failed`);
  if (run.attempt > 1) figures.push(`attempt ${run.attempt}`);
  if (run.duration !== null && run.status !== "skipped") figures.push(formatDuration(run.duration));
  return figures.join(" · ");
}

export type EdgeLook = "idle" | "taken" | "dead" | "flowing";

/** As "taken 12": one text, so that a connection is drawn again only when it changes. */
export function edgeRun(connection: Connection, states: RunStates): `${EdgeLook} ${number}` {
  if (states.size === 0) return "idle 0";
  const { node, port } = sourceOf(connection);
  const from = states.get(node);
  if (from === undefined || from.status === "pending") return "idle 0";
  const count = known(from, port) ?? inferred(connection, from, states);
  if (count > 0) return isActive(states.get(connection.to)) ? `flowing ${count}` : `taken ${count}`;
  return isActive(from) ? "idle 0" : "dead 0";
}

/** How often a port was taken; null where that is not told, as for a step that failed and went on all the same. */
function known({ ports, failed }: NodeRunState, port: string): number | null {
  if (ports === undefined) return null;
  const count = ports[port] ?? 0;
  const untold = failed > 0 && (port === ERROR || Object.keys(ports).length === 0);
  return count === 0 && untold ? null : count;
}

function isActive(state: NodeRunState | undefined): boolean {
  return state?.status === "running" || state?.status === "retrying";
}

/** Without the ports of the run: what ended led to whatever ran after it. */
function inferred({ to }: Connection, from: NodeRunState, states: RunStates): number {
  const after = states.get(to);
  const ran = after !== undefined && after.status !== "skipped" && after.status !== "pending";
  return from.runs > 0 && ran ? Math.max(after.runs, 1) : 0;
}
