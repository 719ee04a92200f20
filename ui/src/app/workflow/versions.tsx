/** The versions of one workflow. */
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { VersionsPage } from "@/features/versions/pages/versions";

export function Versions() {
  const { workflowId } = useParams({ from: "/workflows/$workflowId/versions" });
  const search = useSearch({ from: "/workflows/$workflowId/versions" });
  const navigate = useNavigate({ from: "/workflows/$workflowId/versions" });
  return (
    <VersionsPage
      key={workflowId}
      workflowId={workflowId}
      search={search}
      onSearch={(chosen) => navigate({ search: chosen })}
    />
  );
}
