/** How much waits for an act of the person who looks, for the bar at the left. What was only told does not count. */
import { useQuery } from "@tanstack/react-query";
import { myNames, openApprovals, openTasks } from "./api";
import { asksMe, isMine } from "./mine";

export function useInboxCount(): number {
  const names = useQuery(myNames).data;
  const approvals = useQuery(openApprovals).data ?? [];
  const tasks = useQuery(openTasks).data ?? [];
  if (!names) return 0;
  return (
    approvals.filter((one) => asksMe(one, names)).length + tasks.filter((one) => isMine(one, names)).length
  );
}
