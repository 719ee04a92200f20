/** What waits for people: approvals, tasks and notifications, as the server has them. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call, callPage, client } from "@/shared/api/client";
import type { components } from "@/shared/api/schema";
import type { FieldValues } from "@/shared/form/form-field";

export type Approval = components["schemas"]["ApprovalShape"];
export type Task = components["schemas"]["TaskShape"];
export type Notification = components["schemas"]["NotificationShape"];

const KEY = "inbox";
const OFTEN_MS = 20_000;

/** The names by which people are asked: id, name, roles and communities. */
export const myNames = queryOptions({
  queryKey: [KEY, "names"],
  staleTime: 300_000,
  queryFn: async () => {
    const me = await call(client.GET("/api/v1/me"));
    return new Set([
      String(me.user_id),
      me.username,
      ...me.roles.map((role) => `role:${role}`),
      ...me.communities.map((one) => `community:${one.community_id}`),
    ]);
  },
});

export const openApprovals = queryOptions({
  queryKey: [KEY, "approvals", "open"],
  refetchInterval: OFTEN_MS,
  queryFn: () => call(client.GET("/api/v1/approvals", { params: { query: { open: true, per_page: 100 } } })),
});

/** Those that an execution waits for. */
export function approvalsOf(executionId: string) {
  return queryOptions({
    queryKey: [KEY, "approvals", "of", executionId],
    refetchInterval: OFTEN_MS,
    queryFn: () =>
      call(
        client.GET("/api/v1/approvals", {
          params: { query: { execution_id: executionId, open: true, per_page: 20 } },
        }),
      ),
  });
}

export const decidedApprovals = queryOptions({
  queryKey: [KEY, "approvals", "decided"],
  queryFn: () =>
    call(
      client.GET("/api/v1/approvals", {
        params: { query: { status: ["decided", "expired"], per_page: 50 } },
      }),
    ),
});

export const openTasks = queryOptions({
  queryKey: [KEY, "tasks"],
  refetchInterval: OFTEN_MS,
  queryFn: () =>
    call(
      client.GET("/api/v1/tasks", { params: { query: { status: ["open", "in_progress"], per_page: 100 } } }),
    ),
});

export const notificationsQuery = queryOptions({
  queryKey: [KEY, "notifications"],
  refetchInterval: OFTEN_MS,
  queryFn: () => callPage(client.GET("/api/v1/notifications", { params: { query: { per_page: 50 } } })),
});

interface Deciding {
  approval: Approval;
  option: string;
  comment: string;
  fields: FieldValues;
}

export function useDecide() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ approval, option, comment, fields }: Deciding) =>
      call(
        client.POST("/api/v1/approvals/{approval_id}/decisions", {
          params: { path: { approval_id: approval.approval_id } },
          body: { option, comment, fields: { ...fields }, way: "app" },
        }),
      ),
    onSettled: refresh,
  });
}

export function useCompleteTask() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ task, result }: { task: Task; result: FieldValues | null }) =>
      call(
        client.POST("/api/v1/tasks/{task_id}/complete", {
          params: { path: { task_id: task.task_id } },
          body: { result },
        }),
      ),
    onSettled: refresh,
  });
}

/** Marks one notification as read, or all of them. */
export function useMarkRead() {
  const refresh = useRefresh();
  return useMutation({ mutationFn: (id: string | "all") => markRead(id), onSettled: refresh });
}

async function markRead(id: string | "all"): Promise<void> {
  if (id === "all") {
    await call(client.POST("/api/v1/notifications/read", { body: {} }));
    return;
  }
  const path = { notification_id: id };
  await call(client.POST("/api/v1/notifications/{notification_id}/read", { params: { path } }));
}

function useRefresh() {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: [KEY] });
}
