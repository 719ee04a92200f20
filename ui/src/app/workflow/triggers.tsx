/** What starts one workflow. */
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { TriggersPage } from "@/features/triggers/pages/triggers";
import { links } from "../links";

export function Triggers() {
  const { workflowId } = useParams({ from: "/workflows/$workflowId/triggers" });
  const search = useSearch({ from: "/workflows/$workflowId/triggers" });
  const navigate = useNavigate({ from: "/workflows/$workflowId/triggers" });
  return (
    <TriggersPage
      key={workflowId}
      workflowId={workflowId}
      search={search}
      onSearch={(chosen) => navigate({ search: chosen })}
      executionHref={links.execution}
    />
  );
}
