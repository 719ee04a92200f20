import { ActionIcon, Button, Collapse, Group, Menu, Stack, Switch } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { modals } from "@mantine/modals";
import { IconDots, IconPencil, IconRefresh, IconSend, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { notifyDone, notifyError } from "@/shared/ui/notify";
import { TimeAgo } from "@/shared/ui/time-ago";
import { Address } from "../address";
import styles from "../triggers.module.css";
import { bodyOf, useDeleteWebhook, useSaveWebhook, type Webhook } from "./api";
import { Deliveries } from "./deliveries";
import { RotateDialog } from "./rotate-dialog";
import { TryDialog } from "./try-dialog";
import { WebhookForm } from "./webhook-form";

export type WithSecret = Webhook & { secret?: string | null };

interface Props {
  webhook: Webhook;
  editable: boolean;
  executionHref: (executionId: string) => string;
  onSecret: (made: WithSecret) => void;
}

/** One webhook: its address, how it is set, and what came. */
export function WebhookCard({ webhook, editable, executionHref, onSecret }: Props) {
  const [shown, { toggle }] = useDisclosure(false);
  const [dialog, setDialog] = useState<"edit" | "rotate" | "try" | null>(null);
  const save = useSaveWebhook(webhook);
  const close = () => setDialog(null);
  return (
    <article className={styles.card} aria-label={`Webhook ${webhook.name}`}>
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap">
          <h3 className={styles.name}>{webhook.name}</h3>
          <Group gap="xs" wrap="nowrap">
            <Switch
              label="On"
              aria-label={`Webhook ${webhook.name} is on`}
              checked={webhook.enabled}
              disabled={!editable || save.isPending}
              onChange={(event) =>
                save.mutate(
                  { ...bodyOf(webhook), enabled: event.currentTarget.checked },
                  { onError: (error) => notifyError("change the webhook", error) },
                )
              }
            />
            <Button
              size="xs"
              variant="light"
              leftSection={<IconSend size={15} aria-hidden="true" />}
              disabled={!editable}
              onClick={() => setDialog("try")}
            >
              Test
            </Button>
            {editable && <Actions webhook={webhook} open={setDialog} />}
          </Group>
        </Group>
        <Address url={webhook.url} what={`the address of ${webhook.name}`} />
        <Facts webhook={webhook} />
        <div>
          <Button size="compact-sm" variant="subtle" onClick={toggle} aria-expanded={shown}>
            {shown ? "Hide the last deliveries" : "Show the last deliveries"}
          </Button>
          <Collapse expanded={shown}>
            {shown && <Deliveries webhook={webhook} executionHref={executionHref} />}
          </Collapse>
        </div>
      </Stack>
      {dialog === "edit" && (
        <WebhookForm
          title={`Change ${webhook.name}`}
          submit="Save"
          initial={bodyOf(webhook)}
          pending={save.isPending}
          error={save.error}
          onSubmit={(body) => save.mutate(body, { onSuccess: close })}
          onClose={close}
        />
      )}
      {dialog === "rotate" && (
        <RotateDialog
          webhook={webhook}
          onClose={close}
          onRotated={(made) => {
            close();
            if (made.secret) onSecret(made);
            else notifyDone("The webhook has a new address.");
          }}
        />
      )}
      {dialog === "try" && <TryDialog webhook={webhook} executionHref={executionHref} onClose={close} />}
    </article>
  );
}

const ANSWERS = {
  immediately: "at once",
  finished: "with the result",
  respond: "with what a node answers",
};

function Facts({ webhook }: { webhook: Webhook }) {
  const facts = [
    ["Takes", webhook.methods.join(", ") || "POST"],
    ["Signed", webhook.require_signature ? "required" : "not required"],
    ["Answers", ANSWERS[webhook.answer]],
    ["From", webhook.ip_allowlist.length === 0 ? "everywhere" : webhook.ip_allowlist.join(", ")],
    [
      "At most",
      webhook.rate_limit_max === null
        ? "as many as come"
        : `${webhook.rate_limit_max} in ${webhook.rate_limit_window} s`,
    ],
    ["Delivered", `${webhook.trigger_count.toLocaleString()} times`],
  ];
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      <div>
        <dt>Last</dt>
        <dd>
          <TimeAgo time={webhook.last_triggered_at} />
        </dd>
      </div>
    </dl>
  );
}

function Actions({ webhook, open }: { webhook: Webhook; open: (dialog: "edit" | "rotate") => void }) {
  const remove = useDeleteWebhook(webhook);
  return (
    <Menu position="bottom-end" withArrow>
      <Menu.Target>
        <ActionIcon aria-label={`More about ${webhook.name}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => open("edit")}>
          Change
        </Menu.Item>
        <Menu.Item leftSection={<IconRefresh size={16} />} onClick={() => open("rotate")}>
          New secret or address
        </Menu.Item>
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={16} />}
          onClick={() =>
            modals.openConfirmModal({
              title: `Delete ${webhook.name}?`,
              children: "Its address answers nobody any more. This cannot be undone.",
              labels: { confirm: "Delete", cancel: "Keep it" },
              confirmProps: { color: "red" },
              onConfirm: () =>
                remove.mutate(undefined, { onError: (error) => notifyError("delete the webhook", error) }),
            })
          }
        >
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
