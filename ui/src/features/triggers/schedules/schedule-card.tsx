import { ActionIcon, Alert, Badge, Button, Group, Menu, Stack } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconDots, IconPencil, IconPlayerPause, IconPlayerPlay, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { HrefLink } from "@/shared/ui/href-link";
import { notifyDone, notifyError } from "@/shared/ui/notify";
import { StatusBadge } from "@/shared/ui/status-badge";
import { TimeAgo } from "@/shared/ui/time-ago";
import styles from "../triggers.module.css";
import { bodyOf, type Schedule, useDeleteSchedule, usePause, useRunNow, useSaveSchedule } from "./api";
import { cronInWords, intervalInWords } from "./cron";
import { ScheduleForm } from "./schedule-form";

interface Props {
  schedule: Schedule;
  editable: boolean;
  runnable: boolean;
  executionHref: (executionId: string) => string;
}

/** One schedule: when it runs, when it ran, and what can be done with it. */
export function ScheduleCard({ schedule, editable, runnable, executionHref }: Props) {
  const [editing, setEditing] = useState(false);
  const save = useSaveSchedule(schedule);
  return (
    <article className={styles.card} aria-label={`Schedule ${schedule.name}`}>
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <div>
            <Group gap="xs">
              <h3 className={styles.name}>{schedule.name}</h3>
              {schedule.paused && (
                <Badge color="yellow" variant="light" tt="none">
                  Paused
                </Badge>
              )}
              {!schedule.enabled && (
                <Badge color="gray" variant="light" tt="none">
                  Off
                </Badge>
              )}
              {schedule.source === "node" && (
                <Badge variant="default" tt="none" fw={500}>
                  of a node
                </Badge>
              )}
            </Group>
            {wordsOf(schedule)}
          </div>
          <Buttons
            schedule={schedule}
            editable={editable}
            runnable={runnable}
            onEdit={() => setEditing(true)}
          />
        </Group>
        {schedule.last_error && (
          <Alert color="red" title="It cannot be looked at">
            {schedule.last_error}
          </Alert>
        )}
        <dl className={styles.facts}>
          <div>
            <dt>Next</dt>
            <dd>
              <TimeAgo time={schedule.next_run_at} empty="not planned" />
            </dd>
          </div>
          <div>
            <dt>Last</dt>
            <dd>
              {schedule.last_execution_id ? (
                <HrefLink href={executionHref(schedule.last_execution_id)}>
                  <TimeAgo time={schedule.last_run_at} />
                </HrefLink>
              ) : (
                <TimeAgo time={schedule.last_run_at} />
              )}
            </dd>
          </div>
          {schedule.last_execution_status && (
            <div>
              <dt>It</dt>
              <dd>
                <StatusBadge status={schedule.last_execution_status} size="sm" />
              </dd>
            </div>
          )}
          <div>
            <dt>Ran</dt>
            <dd>{schedule.run_count.toLocaleString()} times</dd>
          </div>
          <div>
            <dt>Missed times</dt>
            <dd>{MISSED[schedule.misfire_policy]}</dd>
          </div>
        </dl>
      </Stack>
      {editing && (
        <ScheduleForm
          title={`Change ${schedule.name}`}
          submit="Save"
          initial={bodyOf(schedule)}
          pending={save.isPending}
          error={save.error}
          onSubmit={(body) => save.mutate(body, { onSuccess: () => setEditing(false) })}
          onClose={() => setEditing(false)}
        />
      )}
    </article>
  );
}

const MISSED = { skip: "are skipped", once: "run once for all", all: "run each" };

function wordsOf(schedule: Schedule): string {
  if (schedule.interval_seconds !== null) return intervalInWords(schedule.interval_seconds);
  const cron = schedule.cron_expression ?? "";
  const words = cronInWords(cron);
  return `${words ? `${words} (${cron})` : cron}, ${schedule.timezone}`;
}

interface ButtonsProps {
  schedule: Schedule;
  editable: boolean;
  runnable: boolean;
  onEdit: () => void;
}

function Buttons({ schedule, editable, runnable, onEdit }: ButtonsProps) {
  const pause = usePause(schedule);
  const run = useRunNow(schedule);
  const remove = useDeleteSchedule(schedule);
  const failed = (doing: string) => (error: Error) => notifyError(doing, error);
  return (
    <Group gap="xs" wrap="nowrap">
      <Button
        size="xs"
        variant="light"
        leftSection={<IconPlayerPlay size={15} aria-hidden="true" />}
        disabled={!runnable}
        loading={run.isPending}
        onClick={() =>
          run.mutate(undefined, {
            onSuccess: () => notifyDone("It runs now."),
            onError: failed("run the schedule"),
          })
        }
      >
        Run now
      </Button>
      {editable && (
        <Menu position="bottom-end" withArrow>
          <Menu.Target>
            <ActionIcon aria-label={`More about ${schedule.name}`}>
              <IconDots size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={schedule.paused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
              onClick={() => pause.mutate(!schedule.paused, { onError: failed("change the schedule") })}
            >
              {schedule.paused ? "Let it go on" : "Pause"}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconPencil size={16} />}
              onClick={onEdit}
              disabled={schedule.source === "node"}
            >
              {schedule.source === "node" ? "Change it in the editor" : "Change"}
            </Menu.Item>
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} />}
              disabled={schedule.source === "node"}
              onClick={() =>
                modals.openConfirmModal({
                  title: `Delete ${schedule.name}?`,
                  children: "It runs no more. What ran stays.",
                  labels: { confirm: "Delete", cancel: "Keep it" },
                  confirmProps: { color: "red" },
                  onConfirm: () => remove.mutate(undefined, { onError: failed("delete the schedule") }),
                })
              }
            >
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </Group>
  );
}
