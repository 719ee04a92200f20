/** The schedules of a workflow, and the times that they have. */
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call, client } from "@/shared/api/client";
import type { components } from "@/shared/api/schema";

export type Schedule = components["schemas"]["ListedScheduleShape"];
export type ScheduleBody = components["schemas"]["ScheduleBody"];
export type Times = Pick<
  ScheduleBody,
  "cron_expression" | "interval_seconds" | "timezone" | "start_at" | "end_at" | "jitter_seconds"
>;

const KEY = "schedules";

export function schedulesQuery(workflowId: string) {
  return queryOptions({
    queryKey: [KEY, workflowId],
    refetchInterval: 20_000,
    queryFn: ({ signal }) =>
      call(
        client.GET("/api/v1/workflows/{workflow_id}/schedules", {
          params: { path: { workflow_id: workflowId }, query: { per_page: 100 } },
          signal,
        }),
      ),
  });
}

/** The next times that these would be, before anything is saved. */
export function previewQuery(times: Times, count = 5) {
  return queryOptions({
    queryKey: [KEY, "preview", times, count],
    placeholderData: keepPreviousData,
    retry: false,
    queryFn: ({ signal }) =>
      call(client.POST("/api/v1/schedules/preview", { body: { ...times, count }, signal })),
  });
}

function pathOf(schedule: Schedule) {
  return { workflow_id: schedule.workflow_id, schedule_id: schedule.schedule_id };
}

/** What can be changed of a schedule, as it is. */
export function bodyOf(schedule: Schedule): ScheduleBody {
  return {
    name: schedule.name,
    description: schedule.description,
    cron_expression: schedule.cron_expression,
    interval_seconds: schedule.interval_seconds,
    timezone: schedule.timezone,
    trigger_node_id: schedule.trigger_node_id,
    data: schedule.data,
    priority: schedule.priority,
    max_instances: schedule.max_instances,
    coalesce: schedule.coalesce,
    misfire_policy: schedule.misfire_policy,
    misfire_grace_seconds: schedule.misfire_grace_seconds,
    misfire_window_seconds: schedule.misfire_window_seconds,
    misfire_max: schedule.misfire_max,
    jitter_seconds: schedule.jitter_seconds,
    start_at: schedule.start_at,
    end_at: schedule.end_at,
    enabled: schedule.enabled,
  };
}

export function useCreateSchedule(workflowId: string) {
  return useChange((body: ScheduleBody) =>
    call(
      client.POST("/api/v1/workflows/{workflow_id}/schedules", {
        params: { path: { workflow_id: workflowId } },
        body,
      }),
    ),
  );
}

export function useSaveSchedule(schedule: Schedule) {
  return useChange((body: ScheduleBody) =>
    call(
      client.PUT("/api/v1/workflows/{workflow_id}/schedules/{schedule_id}", {
        params: { path: pathOf(schedule), header: { "If-Match": `"${schedule.revision}"` } },
        body,
      }),
    ),
  );
}

export function useDeleteSchedule(schedule: Schedule) {
  return useChange(() =>
    call(
      client.DELETE("/api/v1/workflows/{workflow_id}/schedules/{schedule_id}", {
        params: { path: pathOf(schedule), header: { "If-Match": `"${schedule.revision}"` } },
      }),
    ),
  );
}

export function usePause(schedule: Schedule) {
  const params = { path: pathOf(schedule) };
  return useChange((paused: boolean) =>
    paused
      ? call(client.POST("/api/v1/workflows/{workflow_id}/schedules/{schedule_id}/pause", { params }))
      : call(client.POST("/api/v1/workflows/{workflow_id}/schedules/{schedule_id}/resume", { params })),
  );
}

export function useRunNow(schedule: Schedule) {
  return useChange(() =>
    call(
      client.POST("/api/v1/workflows/{workflow_id}/schedules/{schedule_id}/run", {
        params: { path: pathOf(schedule) },
      }),
    ),
  );
}

function useChange<Given, Found>(change: (given: Given) => Promise<Found>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => queryClient.invalidateQueries({ queryKey: [KEY] }),
  });
}
