/** What the server tells of executions while they run; docs/live-events.md says when. */
import type { ExecutionStatus } from "../ui/status-badge";

export interface LiveError {
  readonly code: string | null;
  readonly message: string;
  readonly node?: string | null;
}

export interface Place {
  readonly node: string;
  readonly scope: string;
  readonly attempt: number;
}

export type StepEventName =
  | "step_started"
  | "step_completed"
  | "step_failed"
  | "step_retrying"
  | "step_waiting"
  | "loop_started";

interface About {
  readonly execution_id: string;
  readonly workflow_id: string;
  readonly timestamp: string;
}

export interface StepEvent extends About, Place {
  readonly event: StepEventName;
  /** The row of the journal; null while the step is under way. */
  readonly sequence: number | null;
  /** Several are separated by commas. */
  readonly port: string | null;
  readonly duration_ms: number | null;
  readonly error?: LiveError;
  readonly retry_at?: string;
  readonly total?: number | null;
}

export interface NodeCount {
  readonly node: string;
  readonly completed: number;
  readonly failed: number;
  readonly retried: number;
  readonly ports: Readonly<Record<string, number>>;
}

/** Much at once; where there are counts, `steps` has only the last of each node, which the counts contain. */
interface StepsEvent extends About {
  readonly event: "steps";
  readonly sequence: number;
  readonly steps: readonly StepEvent[];
  readonly counts: readonly NodeCount[];
}

interface RunningEvent extends About {
  readonly event: "running";
  readonly running: Readonly<Record<string, number>>;
}

export interface StandingEvent extends About {
  readonly event: "started" | "resumed" | "waiting" | "paused" | "completed" | "failed" | "cancelled";
  readonly status: ExecutionStatus;
  readonly sequence: number;
  readonly duration_ms?: number | null;
  readonly error?: LiveError;
  readonly wake_at?: string | null;
  readonly steps?: readonly Place[];
}

/** The room was left: the execution is gone, or may not be seen any more. */
interface LeftEvent {
  readonly event: "left";
  readonly execution_id?: string;
  readonly error: LiveError;
}

export type ExecutionEvent = StepEvent | StepsEvent | RunningEvent | StandingEvent | LeftEvent;

/** What `join` is answered. */
export interface Joined {
  readonly ok: boolean;
  readonly workflow_id?: string;
  readonly status?: ExecutionStatus;
  readonly sequence?: number;
  readonly error?: { readonly error_code: string; readonly message: string; readonly remedy?: string };
}
