/** What is shown on a node of what happens to it in an execution: the canvas draws it, live or afterwards. */
export type NodeRunStatus =
  | "pending"
  | "running"
  | "waiting"
  | "retrying"
  | "completed"
  | "failed"
  | "skipped"
  | "paused";

export interface StepFault {
  readonly code: string;
  readonly message: string;
  /** The dotted path of the parameter that it is about, where that is known. */
  readonly parameter?: string;
}

export interface NodeRunState {
  readonly status: NodeRunStatus;
  /** How often it ended, over all iterations. */
  readonly runs: number;
  readonly failed: number;
  /** Of a loop: iterations that ended, and how many there will be, if that is known. */
  readonly iterations?: { readonly done: number; readonly of: number | null };
  /** Seconds; of the last run. */
  readonly duration: number | null;
  readonly attempt: number;
  /** How often it went on through each port, over all iterations; what is not here it never went through. */
  readonly ports?: Readonly<Record<string, number>>;
  readonly error?: StepFault;
}

/** By node id. */
export type RunStates = ReadonlyMap<string, NodeRunState>;
