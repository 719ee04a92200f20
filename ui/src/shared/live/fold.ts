/**
 * What is known of an execution that is watched: each event gives the next value, which shares what did not change. Its
 * size follows the workflow, never how long it is watched. Pure.
 */
import type { ExecutionStatus } from "../ui/status-badge";
import type {
  ExecutionEvent,
  Joined,
  LiveError,
  NodeCount,
  Place,
  StandingEvent,
  StepEvent,
  StepEventName,
} from "./events";

/** What happened at one node, over all iterations. */
export interface LiveNode {
  readonly completed: number;
  readonly failed: number;
  /** How many of its steps are under way. */
  readonly running: number;
  readonly last: StepEventName | null;
  readonly scope: string;
  readonly attempt: number;
  /** Of the last step that ended. */
  readonly durationMs: number | null;
  readonly ports: Readonly<Record<string, number>>;
  readonly error: LiveError | null;
  /** Of a loop: the number of its last iteration, and how many there will be, where that is known. */
  readonly iteration: number | null;
  readonly total: number | null;
}

export interface LiveExecution {
  readonly executionId: string;
  readonly workflowId: string | null;
  readonly status: ExecutionStatus | null;
  /** The last row of the journal that was heard of: where to go on after a lost connection. */
  readonly sequence: number;
  readonly nodes: ReadonlyMap<string, LiveNode>;
  /** The latest steps, the last one last. */
  readonly latest: readonly StepEvent[];
  readonly error: LiveError | null;
  /** The steps before which it rests, or about which it asks. */
  readonly restsAt: readonly Place[];
  readonly wakeAt: string | null;
  readonly startedAt: string | null;
  readonly durationMs: number | null;
  /** Why nothing more is heard of it. */
  readonly refusal: LiveError | null;
}

const MOST_LATEST = 200;
const TERMINAL: ReadonlySet<ExecutionStatus> = new Set(["completed", "failed", "cancelled"]);

const UNTOUCHED: LiveNode = {
  completed: 0,
  failed: 0,
  running: 0,
  last: null,
  scope: "",
  attempt: 1,
  durationMs: null,
  ports: {},
  error: null,
  iteration: null,
  total: null,
};

export function isOver(status: ExecutionStatus | null): boolean {
  return status !== null && TERMINAL.has(status);
}

export function unheard(executionId: string): LiveExecution {
  return {
    executionId,
    workflowId: null,
    status: null,
    sequence: 0,
    nodes: new Map(),
    latest: [],
    error: null,
    restsAt: [],
    wakeAt: null,
    startedAt: null,
    durationMs: null,
    refusal: null,
  };
}

/** What the answer to `join` says; everything up to its sequence is still to come. */
export function joined(live: LiveExecution, answer: Joined): LiveExecution {
  if (!answer.ok) {
    const { error } = answer;
    return { ...live, refusal: { code: error?.error_code ?? null, message: error?.message ?? "" } };
  }
  const status = isOver(answer.status ?? null) ? live.status : (answer.status ?? live.status);
  return { ...live, workflowId: answer.workflow_id ?? live.workflowId, status, refusal: null };
}

export function fold(live: LiveExecution, event: ExecutionEvent): LiveExecution {
  switch (event.event) {
    case "steps":
      return foldSteps(live, event.steps, event.counts, event.sequence);
    case "running":
      return { ...live, nodes: withRunning(live.nodes, event.running) };
    case "left":
      return { ...live, refusal: event.error };
    case "started":
    case "resumed":
    case "waiting":
    case "paused":
    case "completed":
    case "failed":
    case "cancelled":
      return foldStanding(live, event);
    default:
      return foldSteps(live, [event], [], event.sequence ?? live.sequence);
  }
}

function foldSteps(
  live: LiveExecution,
  steps: readonly StepEvent[],
  counts: readonly NodeCount[],
  sequence: number,
): LiveExecution {
  // What came before the connection broke may come again.
  const fresh = steps.filter((step) => step.sequence === null || step.sequence > live.sequence);
  if (fresh.length === 0 && sequence <= live.sequence) return live;
  const nodes = new Map(live.nodes);
  for (const count of counts) nodes.set(count.node, withCount(nodes.get(count.node) ?? UNTOUCHED, count));
  for (const step of fresh) {
    const before = nodes.get(step.node) ?? UNTOUCHED;
    nodes.set(step.node, withStep(before, step, counts.length === 0));
    noteIteration(nodes, step.scope);
  }
  const latest = fresh.filter((step) => step.sequence !== null);
  return {
    ...live,
    nodes,
    sequence: Math.max(live.sequence, sequence),
    latest: latest.length > 0 ? [...live.latest, ...latest].slice(-MOST_LATEST) : live.latest,
  };
}

function withCount(node: LiveNode, count: NodeCount): LiveNode {
  const ports = { ...node.ports };
  for (const [port, times] of Object.entries(count.ports)) ports[port] = (ports[port] ?? 0) + times;
  return { ...node, completed: node.completed + count.completed, failed: node.failed + count.failed, ports };
}

function withStep(node: LiveNode, step: StepEvent, counted: boolean): LiveNode {
  const { scope, attempt } = step;
  // An outcome ends a step that was under way, until the server says again how many are.
  const ended = counted && step.sequence !== null ? Math.max(0, node.running - 1) : node.running;
  const next = { ...node, last: step.event, scope, attempt, running: ended };
  switch (step.event) {
    case "step_started":
      return { ...next, running: node.running + 1 };
    case "step_completed":
      return {
        ...next,
        completed: node.completed + (counted ? 1 : 0),
        durationMs: step.duration_ms,
        ports: counted ? throughPorts(node.ports, step.port) : node.ports,
        error: null,
      };
    case "step_failed":
      return {
        ...next,
        failed: node.failed + (counted ? 1 : 0),
        durationMs: step.duration_ms,
        error: step.error ?? null,
      };
    case "step_retrying":
      return { ...next, durationMs: step.duration_ms, error: step.error ?? null };
    case "loop_started":
      return { ...next, total: step.total ?? null, iteration: null };
    default:
      return next;
  }
}

function throughPorts(ports: Readonly<Record<string, number>>, taken: string | null) {
  if (taken === null) return ports;
  const next = { ...ports };
  for (const port of taken.split(",")) next[port] = (next[port] ?? 0) + 1;
  return next;
}

/** A scope like `orders:3/lines:0` says how far each of its loops has come. */
function noteIteration(nodes: Map<string, LiveNode>, scope: string): void {
  if (scope === "") return;
  for (const part of scope.split("/")) {
    const colon = part.lastIndexOf(":");
    const loop = part.slice(0, colon);
    const iteration = Number(part.slice(colon + 1));
    const node = nodes.get(loop) ?? UNTOUCHED;
    if (node.iteration !== iteration) nodes.set(loop, { ...node, iteration });
  }
}

function withRunning(
  nodes: ReadonlyMap<string, LiveNode>,
  running: Readonly<Record<string, number>>,
): ReadonlyMap<string, LiveNode> {
  const next = new Map(nodes);
  for (const [id, node] of nodes) {
    const count = running[id] ?? 0;
    if (node.running !== count) next.set(id, { ...node, running: count });
  }
  for (const [id, count] of Object.entries(running)) {
    if (!next.has(id)) next.set(id, { ...UNTOUCHED, running: count, last: "step_started" });
  }
  return next;
}

function foldStanding(live: LiveExecution, event: StandingEvent): LiveExecution {
  const over = isOver(event.status);
  return {
    ...live,
    workflowId: event.workflow_id,
    // One that goes on is shown as running, though nobody may hold it yet.
    status: event.event === "resumed" ? "running" : event.status,
    error: event.error ?? null,
    restsAt: event.event === "paused" ? (event.steps ?? []) : [],
    wakeAt: event.wake_at ?? null,
    startedAt: live.startedAt ?? (event.event === "started" ? event.timestamp : null),
    durationMs: event.duration_ms ?? null,
    nodes: event.status === "running" ? live.nodes : withRunning(live.nodes, {}),
    sequence: over ? Math.max(live.sequence, event.sequence) : live.sequence,
  };
}
