/** The webhooks of one workflow. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { IconPlus, IconWebhook } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { EmptyState } from "@/shared/ui/empty-state";
import { Loaded } from "@/shared/ui/loaded";
import { useCreateWebhook, webhooksQuery } from "./api";
import { SecretDialog } from "./secret-dialog";
import { WebhookCard, type WithSecret } from "./webhook-card";
import { WebhookForm } from "./webhook-form";

interface Props {
  workflowId: string;
  editable: boolean;
  executionHref: (executionId: string) => string;
}

export function Webhooks({ workflowId, editable, executionHref }: Props) {
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<WithSecret | null>(null);
  const create = useCreateWebhook(workflowId);
  const add = editable && (
    <Button leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setCreating(true)}>
      New webhook
    </Button>
  );
  return (
    <>
      <Loaded query={useQuery(webhooksQuery(workflowId))} doing="load the webhooks">
        {(webhooks) =>
          webhooks.length === 0 ? (
            <EmptyState icon={IconWebhook} title="No webhook yet" actions={add}>
              A webhook is an address at which another system delivers something: each delivery starts the
              workflow.
            </EmptyState>
          ) : (
            <Stack gap="md">
              <Group justify="space-between">
                <Text c="dimmed" size="sm">
                  Each delivery starts the published workflow.
                </Text>
                {add}
              </Group>
              {webhooks.map((webhook) => (
                <WebhookCard
                  key={webhook.webhook_id}
                  webhook={webhook}
                  editable={editable}
                  executionHref={executionHref}
                  onSecret={setMade}
                />
              ))}
            </Stack>
          )
        }
      </Loaded>
      {creating && (
        <WebhookForm
          title="New webhook"
          submit="Create"
          initial={{ name: "", answer: "immediately", require_signature: true, rate_limit_max: 60 }}
          pending={create.isPending}
          error={create.error}
          onSubmit={(body) =>
            create.mutate(body, {
              onSuccess: (webhook) => {
                setCreating(false);
                setMade(webhook);
              },
            })
          }
          onClose={() => setCreating(false)}
        />
      )}
      {made?.secret && (
        <SecretDialog name={made.name} url={made.url} secret={made.secret} onClose={() => setMade(null)} />
      )}
    </>
  );
}
