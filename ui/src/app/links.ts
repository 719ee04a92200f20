/** The addresses of pages, for features that lead to those of others. */
import type { ExecutionFilter } from "@/features/dashboard";
import type { ExecutionLinks } from "@/features/executions";

export const links = {
  connections: "/connections",
  people: "/admin/people",
  templates: "/templates",
  workflows: "/workflows",
  executions({ statuses = [], workflowId, since, until }: ExecutionFilter): string {
    const query = new URLSearchParams();
    if (statuses.length > 0) query.set("status", JSON.stringify(statuses));
    if (workflowId) query.set("workflow", workflowId);
    if (since) query.set("since", since);
    if (until) query.set("until", until);
    return `/executions?${query}`;
  },
  execution: (executionId: string): string => `/executions/${executionId}`,
  workflow: (workflowId: string): string => `/workflows/${workflowId}`,
  versions: (workflowId: string): string => `/workflows/${workflowId}/versions`,
  triggers: (workflowId: string): string => `/workflows/${workflowId}/triggers`,
  permissions: (workflowId: string): string => `/workflows/${workflowId}/permissions`,
};

export const executionLinks: ExecutionLinks = { ...links, executions: () => "/executions" };
