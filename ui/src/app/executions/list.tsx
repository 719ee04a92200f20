/** The executions of all workflows. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ExecutionsPage } from "@/features/executions/pages/list";
import { executionLinks } from "../links";

export function Executions() {
  const search = useSearch({ from: "/executions" });
  const navigate = useNavigate({ from: "/executions" });
  return (
    <ExecutionsPage
      search={search}
      onSearch={(chosen) => void navigate({ search: chosen, replace: true })}
      links={executionLinks}
    />
  );
}
