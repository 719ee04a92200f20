/** The executions of one workflow. */
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ExecutionsPage } from "@/features/executions/pages/list";
import { executionLinks } from "../links";

export function WorkflowExecutions() {
  const { workflowId } = useParams({ from: "/workflows/$workflowId/executions" });
  const search = useSearch({ from: "/workflows/$workflowId/executions" });
  const navigate = useNavigate({ from: "/workflows/$workflowId/executions" });
  return (
    <ExecutionsPage
      workflowId={workflowId}
      search={search}
      onSearch={(chosen) => void navigate({ search: chosen, replace: true })}
      links={executionLinks}
    />
  );
}
