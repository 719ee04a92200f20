/** The pages of one workflow, in the order of their tabs. */
interface WorkflowTab {
  /** A route with the parameter `$workflowId`. */
  to: string;
  label: string;
}

export const WORKFLOW_TABS: readonly WorkflowTab[] = [
  { to: "/workflows/$workflowId", label: "Editor" },
  { to: "/workflows/$workflowId/executions", label: "Executions" },
  { to: "/workflows/$workflowId/triggers", label: "Triggers" },
  { to: "/workflows/$workflowId/versions", label: "Versions" },
  { to: "/workflows/$workflowId/permissions", label: "Permissions" },
];
