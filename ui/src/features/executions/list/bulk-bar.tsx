/** What can be done with the executions that are chosen. */
import { Button, Group, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifyDone, notifyError } from "@/shared/ui/notify";
import { type BulkAction, useBulk } from "../api";
import styles from "./list.module.css";

interface Props {
  ids: readonly string[];
  onClear: () => void;
}

const ACTIONS: readonly { action: BulkAction; label: string; done: string }[] = [
  { action: "retry", label: "Retry", done: "retried" },
  { action: "pause", label: "Pause", done: "paused" },
  { action: "resume", label: "Resume", done: "resumed" },
  { action: "cancel", label: "Cancel", done: "cancelled" },
  { action: "delete", label: "Delete", done: "deleted" },
];
/** What is asked before that which cannot be taken back. */
const QUESTIONS: Partial<Record<BulkAction, { text: string; confirm: string; cancel: string }>> = {
  cancel: {
    text: "Those that have not ended end as cancelled. What their steps did stays done.",
    confirm: "Cancel them",
    cancel: "Let them run",
  },
  delete: {
    text: "Those that have ended go for good, with their steps, values, files and sub-workflows. Only the audit log tells of them then. Runs that they called of workflows which you may not delete stay.",
    confirm: "Delete them",
    cancel: "Keep them",
  },
};

/** What a deletion left of other workflows. */
function staying(results: readonly { stay?: number }[]): string {
  const stay = results.reduce((sum, one) => sum + (one.stay ?? 0), 0);
  if (stay === 0) return "";
  return stay === 1
    ? " One run that they called stays: you may not delete its workflow."
    : ` ${stay} runs that they called stay: you may not delete their workflows.`;
}

export function BulkBar({ ids, onClear }: Props) {
  const bulk = useBulk();
  if (ids.length === 0) return null;

  function act({ action, done }: (typeof ACTIONS)[number]): void {
    bulk.mutate(
      { action, ids },
      {
        onSuccess: (results) => {
          const refused = results.filter((one) => !one.done);
          const count = results.length - refused.length;
          if (count > 0)
            notifyDone(
              `${count === 1 ? "One execution" : `${count} executions`} ${done}.${staying(results)}`,
            );
          const first = refused[0];
          if (first) {
            const others = refused.length > 1 ? ` So it was with ${refused.length - 1} more.` : "";
            notifyError(
              `${action} ${refused.length} of ${results.length}`,
              new Error(`${first.message}${others}`),
            );
          }
          onClear();
        },
        onError: (error) => notifyError(`${action} them`, error),
      },
    );
  }

  function ask(one: (typeof ACTIONS)[number]): void {
    const question = QUESTIONS[one.action];
    if (!question) {
      act(one);
      return;
    }
    modals.openConfirmModal({
      title: `${one.label} ${ids.length === 1 ? "this execution" : `${ids.length} executions`}?`,
      children: question.text,
      labels: { confirm: question.confirm, cancel: question.cancel },
      confirmProps: { color: "red" },
      onConfirm: () => act(one),
    });
  }

  return (
    <section className={styles.bulk} aria-label="Chosen executions">
      <Text size="sm" fw={560}>
        {ids.length} chosen
      </Text>
      <Group gap="xs">
        {ACTIONS.map((one) => (
          <Button
            key={one.action}
            size="xs"
            variant={QUESTIONS[one.action] ? "light" : "default"}
            color={QUESTIONS[one.action] ? "red" : undefined}
            loading={bulk.isPending && bulk.variables.action === one.action}
            onClick={() => ask(one)}
          >
            {one.label}
          </Button>
        ))}
        <Button size="xs" variant="subtle" onClick={onClear}>
          Choose none
        </Button>
      </Group>
    </section>
  );
}
