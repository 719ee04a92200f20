/** The webhooks of a workflow, and what was delivered to them. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call, client } from "@/shared/api/client";
import type { components } from "@/shared/api/schema";

export type Webhook = components["schemas"]["WebhookShape"];
export type WebhookBody = components["schemas"]["WebhookBody"];
export type Tried = components["schemas"]["TriedShape"];

const KEY = "webhooks";

export function webhooksQuery(workflowId: string) {
  return queryOptions({
    queryKey: [KEY, workflowId],
    queryFn: ({ signal }) =>
      call(
        client.GET("/api/v1/workflows/{workflow_id}/webhooks", {
          params: { path: { workflow_id: workflowId }, query: { per_page: 100 } },
          signal,
        }),
      ),
  });
}

export function deliveriesQuery(webhook: Webhook) {
  return queryOptions({
    queryKey: [KEY, webhook.workflow_id, webhook.webhook_id, "deliveries"],
    refetchInterval: 10_000,
    queryFn: () =>
      call(
        client.GET("/api/v1/workflows/{workflow_id}/webhooks/{webhook_id}/deliveries", {
          params: { path: pathOf(webhook), query: { per_page: 20 } },
        }),
      ),
  });
}

function pathOf(webhook: Webhook) {
  return { workflow_id: webhook.workflow_id, webhook_id: webhook.webhook_id };
}

function withRevision(webhook: Webhook) {
  return { path: pathOf(webhook), header: { "If-Match": `"${webhook.revision}"` } };
}

/** What can be changed of a webhook, as it is. */
export function bodyOf(webhook: Webhook): WebhookBody {
  return {
    name: webhook.name,
    description: webhook.description ?? "",
    enabled: webhook.enabled,
    trigger_node_id: webhook.trigger_node_id,
    methods: webhook.methods as WebhookBody["methods"],
    answer: webhook.answer,
    timeout_seconds: webhook.timeout_seconds,
    require_signature: webhook.require_signature,
    signature_scheme: webhook.signature_scheme,
    ip_allowlist: webhook.ip_allowlist,
    rate_limit_max: webhook.rate_limit_max,
    rate_limit_window: webhook.rate_limit_window,
    replay_window_seconds: webhook.replay_window_seconds,
  };
}

export function useCreateWebhook(workflowId: string) {
  return useChange((body: WebhookBody) =>
    call(
      client.POST("/api/v1/workflows/{workflow_id}/webhooks", {
        params: { path: { workflow_id: workflowId } },
        body,
      }),
    ),
  );
}

export function useSaveWebhook(webhook: Webhook) {
  return useChange((body: WebhookBody) =>
    call(
      client.PUT("/api/v1/workflows/{workflow_id}/webhooks/{webhook_id}", {
        params: withRevision(webhook),
        body,
      }),
    ),
  );
}

export function useDeleteWebhook(webhook: Webhook) {
  return useChange(() =>
    call(
      client.DELETE("/api/v1/workflows/{workflow_id}/webhooks/{webhook_id}", {
        params: withRevision(webhook),
      }),
    ),
  );
}

export interface Rotation {
  rotate: "secret" | "token" | "both";
  overlap_seconds: number;
}

export function useRotateWebhook(webhook: Webhook) {
  return useChange((body: Rotation) =>
    call(
      client.POST("/api/v1/workflows/{workflow_id}/webhooks/{webhook_id}/rotate", {
        params: withRevision(webhook),
        body,
      }),
    ),
  );
}

export function useTryWebhook(webhook: Webhook) {
  return useChange((body: unknown) =>
    call(
      client.POST("/api/v1/workflows/{workflow_id}/webhooks/{webhook_id}/test", {
        params: { path: pathOf(webhook) },
        body: { body, method: (webhook.methods[0] ?? "POST") as "POST" },
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
