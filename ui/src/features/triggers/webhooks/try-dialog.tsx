import { Alert, Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useState } from "react";
import { ErrorState } from "@/shared/ui/error-state";
import { HrefLink } from "@/shared/ui/href-link";
import styles from "../triggers.module.css";
import { type Tried, useTryWebhook, type Webhook } from "./api";

interface Props {
  webhook: Webhook;
  executionHref: (executionId: string) => string;
  onClose: () => void;
}

/** A delivery by hand, signed as the sender would: what would it get? */
export function TryDialog({ webhook, executionHref, onClose }: Props) {
  const [text, setText] = useState('{\n  "order": 7\n}');
  const attempt = useTryWebhook(webhook);
  const body = read(text);
  return (
    <Modal opened onClose={onClose} title={`Deliver something to ${webhook.name}`} size="lg">
      <Stack gap="md">
        <Textarea
          label="Body, as JSON"
          description="It is signed with the webhook's secret, and starts the published workflow."
          autosize
          minRows={5}
          maxRows={16}
          spellCheck={false}
          classNames={{ input: styles.body }}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={body === undefined ? "This is not JSON" : undefined}
        />
        {attempt.data && <Result tried={attempt.data} executionHref={executionHref} />}
        {attempt.error && <ErrorState error={attempt.error} doing="deliver it" />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button
            loading={attempt.isPending}
            disabled={body === undefined}
            onClick={() => attempt.mutate(body)}
          >
            Deliver
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Result({ tried, executionHref }: { tried: Tried; executionHref: (id: string) => string }) {
  if (tried.execution_id) {
    return (
      <Alert color="teal" icon={<IconCircleCheck aria-hidden="true" />} title="It was taken" role="status">
        <HrefLink href={executionHref(tried.execution_id)}>Look at the execution</HrefLink>
      </Alert>
    );
  }
  return (
    <Alert
      color="red"
      icon={<IconAlertTriangle aria-hidden="true" />}
      title={tried.error_code ?? "It was refused"}
      role="status"
    >
      <Text size="sm">{tried.message}</Text>
      <Text size="sm">{tried.remedy}</Text>
    </Alert>
  );
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
