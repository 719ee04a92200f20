import { Button, Group } from "@mantine/core";
import { IconPlugConnected, IconSearchOff } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { EmptyState } from "@/shared/ui/empty-state";

interface Props {
  filtered: boolean;
  onClear: () => void;
  create: ReactNode;
}

/** An empty list: because nothing fits, or because nothing was made yet. */
export function Nothing({ filtered, onClear, create }: Props) {
  if (filtered) {
    return (
      <EmptyState
        icon={IconSearchOff}
        title="No workflow fits"
        actions={
          <Button variant="default" onClick={onClear}>
            Show all workflows
          </Button>
        }
      >
        Try other words, or take a filter off.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={IconPlugConnected} title="Draw your first workflow" actions={<Group>{create}</Group>}>
      A workflow begins with a trigger, as a schedule, a webhook or a form, and runs one step after the other.
      Draw one, or drop a file that was exported elsewhere onto this page.
    </EmptyState>
  );
}
