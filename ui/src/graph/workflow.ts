/**
 * A workflow as the editor holds it: the definition of the REST API, frozen. Every change makes a new value that shares
 * what did not change, so that undo is keeping the old one, and drawing compares by identity.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

export interface Position {
  readonly x: number;
  readonly y: number;
}

export interface RetryPolicy {
  readonly max_attempts?: number | null;
  readonly backoff_seconds?: number | null;
  readonly factor?: number | null;
  readonly max_delay_seconds?: number | null;
  readonly jitter?: number | null;
}

export interface WorkflowNode {
  readonly id: string;
  readonly type: string;
  readonly name?: string;
  readonly position?: Position | null;
  readonly parameters?: JsonObject;
  readonly on_error?: "stop" | "continue" | "branch";
  readonly on_unknown?: "retry" | "fail" | "ask";
  readonly retry?: RetryPolicy | null;
  readonly timeout_seconds?: number | null;
  readonly disabled?: boolean;
  readonly notes?: string;
  readonly pinned_output?: Json;
}

export interface Connection {
  readonly from: string;
  readonly from_port?: string;
  readonly to: string;
  readonly to_port?: string;
}

/** A note on the canvas; its text is Markdown. */
export interface StickyNote {
  readonly id: string;
  readonly text: string;
  readonly position: Position;
  readonly width: number;
  readonly height: number;
  readonly color: string;
}

/** A frame around nodes. What lies within moves with it. */
export interface Group {
  readonly id: string;
  readonly title: string;
  readonly position: Position;
  readonly width: number;
  readonly height: number;
  readonly color: string;
}

export interface Annotations {
  readonly notes?: readonly StickyNote[];
  readonly groups?: readonly Group[];
}

export interface Workflow {
  readonly name: string;
  readonly description?: string;
  readonly nodes: readonly WorkflowNode[];
  readonly connections: readonly Connection[];
  readonly global_variables?: JsonObject;
  readonly settings?: JsonObject;
  readonly annotations?: Annotations;
}
