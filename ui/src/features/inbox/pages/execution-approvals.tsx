/** The questions to people that one execution waits for. */
import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { approvalsOf, myNames } from "../api";
import { ApprovalCard } from "../approval-card";
import { asksMe } from "../mine";

export function ExecutionApprovals({ executionId }: { executionId: string }) {
  const names = useQuery(myNames).data ?? new Set<string>();
  const { data = [] } = useQuery(approvalsOf(executionId));
  if (data.length === 0) return null;
  return (
    <Stack gap="sm">
      {data.map((one) => (
        <ApprovalCard key={one.approval_id} approval={one} mine={asksMe(one, names)} linked={false} />
      ))}
    </Stack>
  );
}
