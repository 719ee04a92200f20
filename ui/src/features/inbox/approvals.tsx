import { Stack } from "@mantine/core";
import { IconChecklist } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { EmptyState } from "@/shared/ui/empty-state";
import { Loaded } from "@/shared/ui/loaded";
import { decidedApprovals, myNames, openApprovals } from "./api";
import { ApprovalCard } from "./approval-card";
import { asksMe, mineFirst } from "./mine";
import { Parts } from "./section";

/** The questions that wait for somebody, those to this person first. */
export function OpenApprovals() {
  const names = useQuery(myNames).data ?? new Set<string>();
  return (
    <Loaded query={useQuery(openApprovals)} doing="load the approvals">
      {(approvals) => {
        if (approvals.length === 0) {
          return (
            <EmptyState icon={IconChecklist} title="Nothing waits for a decision">
              When a workflow asks people before it goes on, the question appears here.
            </EmptyState>
          );
        }
        const { mine, others } = mineFirst(approvals, (one) => asksMe(one, names));
        return (
          <Parts
            mine={mine.map((one) => <ApprovalCard key={one.approval_id} approval={one} mine />)}
            others={others.map((one) => <ApprovalCard key={one.approval_id} approval={one} mine={false} />)}
            othersTitle="Others are asked"
          />
        );
      }}
    </Loaded>
  );
}

/** What was decided, the newest first. */
export function DecidedApprovals() {
  return (
    <Loaded query={useQuery(decidedApprovals)} doing="load what was decided">
      {(approvals) =>
        approvals.length === 0 ? (
          <EmptyState icon={IconChecklist} title="Nothing has been decided yet">
            Decisions stay here, with who made them and when.
          </EmptyState>
        ) : (
          <Stack gap="sm">
            {approvals.map((one) => (
              <ApprovalCard key={one.approval_id} approval={one} mine={false} />
            ))}
          </Stack>
        )
      }
    </Loaded>
  );
}
