/** Where the figures lead: the pages are other features', so the app says their addresses. */
export interface ExecutionFilter {
  readonly statuses?: readonly string[];
  readonly workflowId?: string;
  readonly since?: string;
  readonly until?: string;
}

export interface DashboardLinks {
  executions: (filter: ExecutionFilter) => string;
  execution: (executionId: string) => string;
  workflow: (workflowId: string) => string;
}
