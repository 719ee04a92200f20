/** What a table says of something that was to start the workflow: what came of it, and where that can be looked at. */
import { Badge } from "@mantine/core";
import { HrefLink } from "@/shared/ui/href-link";
import { OUTCOMES } from "./search";

/** What came of it, as a word with its colour. */
export function OutcomeBadge({ outcome }: { outcome: string }) {
  const look = OUTCOMES[outcome];
  return (
    <Badge variant="dot" tt="none" fw={560} color={look?.color ?? "gray"}>
      {look?.label ?? outcome}
    </Badge>
  );
}

interface LinkProps {
  executionId: string | null;
  executionHref: (executionId: string) => string;
}

/** The execution that it started, if it did. */
export function StartedLink({ executionId, executionHref }: LinkProps) {
  return executionId ? <HrefLink href={executionHref(executionId)}>Look at it</HrefLink> : "–";
}
