/** Where the pages of executions lead: to those of others, whose addresses the app says. */
export interface ExecutionLinks {
  executions: () => string;
  execution: (executionId: string) => string;
  workflow: (workflowId: string) => string;
}
