/** Where this feature leads to. The app knows the addresses. */
export interface WorkflowLinks {
  workflow(workflowId: string): string;
  execution(executionId: string): string;
  executions(filter: { workflowId: string }): string;
  versions(workflowId: string): string;
  /** Places that not every installation of the app has. */
  templates?: string;
  permissions?(workflowId: string): string;
}
