/** What can be done with an execution as it stands. */
import { Button, Group, Menu } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconChevronDown, IconPlayerPause, IconPlayerPlay, IconRefresh, IconX } from "@tabler/icons-react";
import { notifyDone, notifyError } from "@/shared/ui/notify";
import { type Execution, isOver, useControl, useResume, useRetry } from "../api";

interface Props {
  execution: Execution;
  onStarted: (executionId: string) => void;
}

export function Actions({ execution, onStarted }: Props) {
  const { execution_id: id, status } = execution;
  const control = useControl(id);
  const resume = useResume(id);
  const paused = status === "paused" || execution.pause_requested;
  // What asks something goes on with the answer.
  const asks = execution.status === "paused" && execution.error !== null;

  function cancel(): void {
    modals.openConfirmModal({
      title: "Cancel this execution?",
      children: "It ends as cancelled. Steps that are under way are stopped; what they did stays done.",
      labels: { confirm: "Cancel the execution", cancel: "Let it run" },
      confirmProps: { color: "red" },
      onConfirm: () => control.mutate("cancel", { onError: (error) => notifyError("cancel it", error) }),
    });
  }

  return (
    <Group gap="sm">
      {!isOver(status) && !paused && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlayerPause size={15} />}
          loading={control.isPending}
          onClick={() => control.mutate("pause", { onError: (error) => notifyError("pause it", error) })}
        >
          Pause
        </Button>
      )}
      {!isOver(status) && paused && !asks && (
        <Button
          size="xs"
          leftSection={<IconPlayerPlay size={15} />}
          loading={resume.isPending}
          onClick={() => resume.mutate({}, { onError: (error) => notifyError("resume it", error) })}
        >
          Resume
        </Button>
      )}
      {!isOver(status) && (
        <Button size="xs" variant="default" leftSection={<IconX size={15} />} onClick={cancel}>
          Cancel
        </Button>
      )}
      {(status === "failed" || status === "cancelled") && <Retry id={id} onStarted={onStarted} />}
    </Group>
  );
}

function Retry({ id, onStarted }: { id: string; onStarted: Props["onStarted"] }) {
  const retry = useRetry(id);
  const go = (revision: "same" | "latest") =>
    retry.mutate(revision, {
      onSuccess: (started) => {
        notifyDone("It is tried again from where it failed.");
        onStarted(started.execution_id);
      },
      onError: (error) => notifyError("retry it", error),
    });
  return (
    <Button.Group>
      <Button
        size="xs"
        leftSection={<IconRefresh size={15} />}
        loading={retry.isPending}
        onClick={() => go("same")}
      >
        Retry
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button size="xs" px={6} aria-label="More ways to retry">
            <IconChevronDown size={15} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => go("same")}>From the failed step, same version</Menu.Item>
          <Menu.Item onClick={() => go("latest")}>From the failed step, latest version</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Button.Group>
  );
}
