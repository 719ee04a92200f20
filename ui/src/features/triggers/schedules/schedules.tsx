/** The schedules of one workflow: those made here, and those of its nodes. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { IconCalendarTime, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { EmptyState } from "@/shared/ui/empty-state";
import { Loaded } from "@/shared/ui/loaded";
import { type ScheduleBody, schedulesQuery, useCreateSchedule } from "./api";
import { ScheduleCard } from "./schedule-card";
import { ScheduleForm } from "./schedule-form";

interface Props {
  workflowId: string;
  editable: boolean;
  runnable: boolean;
  executionHref: (executionId: string) => string;
}

export function Schedules({ workflowId, editable, runnable, executionHref }: Props) {
  const [creating, setCreating] = useState(false);
  const create = useCreateSchedule(workflowId);
  const add = editable && (
    <Button leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setCreating(true)}>
      New schedule
    </Button>
  );
  return (
    <>
      <Loaded query={useQuery(schedulesQuery(workflowId))} doing="load the schedules">
        {(schedules) =>
          schedules.length === 0 ? (
            <EmptyState icon={IconCalendarTime} title="No schedule yet" actions={add}>
              A schedule runs the published workflow by itself, at times of the clock or at intervals.
            </EmptyState>
          ) : (
            <Stack gap="md">
              <Group justify="space-between">
                <Text c="dimmed" size="sm">
                  Each time starts the published workflow.
                </Text>
                {add}
              </Group>
              {schedules.map((schedule) => (
                <ScheduleCard
                  key={schedule.schedule_id}
                  schedule={schedule}
                  editable={editable}
                  runnable={runnable}
                  executionHref={executionHref}
                />
              ))}
            </Stack>
          )
        }
      </Loaded>
      {creating && (
        <ScheduleForm
          title="New schedule"
          submit="Create"
          initial={beginning()}
          pending={create.isPending}
          error={create.error}
          onSubmit={(body) => create.mutate(body, { onSuccess: () => setCreating(false) })}
          onClose={() => setCreating(false)}
        />
      )}
    </>
  );
}

function beginning(): ScheduleBody {
  return {
    name: "",
    cron_expression: "0 9 * * 1-5",
    interval_seconds: null,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
    misfire_policy: "skip",
    enabled: true,
  };
}
