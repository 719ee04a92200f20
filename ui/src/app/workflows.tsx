/** The list of workflows, with the addresses of other features' pages. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { WorkflowsPage } from "@/features/workflows/pages/list";
import { links } from "./links";

export function Workflows() {
  const search = useSearch({ from: "/workflows" });
  const navigate = useNavigate({ from: "/workflows" });
  return <WorkflowsPage search={search} onSearch={(chosen) => navigate({ search: chosen })} links={links} />;
}
