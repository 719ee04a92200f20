/** What of the pages of executions is in their addresses. What makes no sense there is left out. */
import { type ExecutionStatus, STATUS_LOOKS } from "@/shared/ui/status-badge";

export const TRIGGER_KINDS = {
  manual: "By hand",
  api: "API",
  webhook: "Webhook",
  schedule: "Schedule",
  event: "Event",
  command: "Command",
  form: "Form",
  workflow: "Another workflow",
  error: "A failure",
} as const;

export type TriggerKind = keyof typeof TRIGGER_KINDS;

export const STATUSES = Object.keys(STATUS_LOOKS) as ExecutionStatus[];

export interface ExecutionsSearch {
  status?: ExecutionStatus[];
  kind?: TriggerKind[];
  workflow?: string;
  text?: string;
  /** ISO times. */
  since?: string;
  until?: string;
  /** Seconds. */
  least?: number;
  /** Only tries of drafts, or none of them. */
  drafts?: boolean;
}

const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

export function readExecutionsSearch(search: Record<string, unknown>): ExecutionsSearch {
  const status = several(search.status, STATUSES);
  const kind = several(search.kind, Object.keys(TRIGGER_KINDS) as TriggerKind[]);
  const since = moment(search.since);
  const until = moment(search.until);
  return {
    ...(status.length > 0 && { status }),
    ...(kind.length > 0 && { kind }),
    ...(typeof search.workflow === "string" && ID.test(search.workflow) && { workflow: search.workflow }),
    ...(typeof search.text === "string" && search.text && { text: search.text.slice(0, 200) }),
    ...(since && { since }),
    ...(until && { until }),
    ...(typeof search.least === "number" && search.least > 0 && { least: search.least }),
    ...(typeof search.drafts === "boolean" && { drafts: search.drafts }),
  };
}

const VIEWS = ["graph", "timeline", "log"] as const;
export type DetailView = (typeof VIEWS)[number];

export interface ExecutionSearch {
  view?: DetailView;
  /** The node that is looked into, and in which iteration and row. */
  node?: string;
  scope?: string;
  row?: number;
}

export function readExecutionSearch(search: Record<string, unknown>): ExecutionSearch {
  const view = VIEWS.find((one) => one === search.view);
  return {
    ...(view && { view }),
    ...(typeof search.node === "string" && search.node && { node: search.node }),
    ...(typeof search.scope === "string" && { scope: search.scope }),
    ...(typeof search.row === "number" &&
      Number.isInteger(search.row) &&
      search.row > 0 && { row: search.row }),
  };
}

function several<Value extends string>(given: unknown, known: readonly Value[]): Value[] {
  const values = Array.isArray(given) ? given : [given];
  return known.filter((one) => values.includes(one));
}

function moment(given: unknown): string | undefined {
  const time = typeof given === "string" ? Date.parse(given) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** Whether the list shows less than all. */
export function isNarrowed(search: ExecutionsSearch): boolean {
  return Object.values(search).some((value) => value !== undefined);
}
