/** One execution, with the questions to people that it waits for. */
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ExecutionPage } from "@/features/executions/pages/detail";
import { ExecutionApprovals } from "@/features/inbox/pages/execution-approvals";
import { executionLinks } from "../links";

export function Execution() {
  const { executionId } = useParams({ from: "/executions/$executionId" });
  const search = useSearch({ from: "/executions/$executionId" });
  const navigate = useNavigate({ from: "/executions/$executionId" });
  return (
    <ExecutionPage
      key={executionId}
      executionId={executionId}
      search={search}
      onSearch={(chosen) => void navigate({ search: chosen, replace: true })}
      links={executionLinks}
      onOpen={(id) =>
        void navigate({ to: "/executions/$executionId", params: { executionId: id }, search: {} })
      }
      approvals={<ExecutionApprovals executionId={executionId} />}
    />
  );
}
