import {
  Button,
  Group,
  Modal,
  NumberInput,
  Select,
  Stack,
  Switch,
  TagsInput,
  TextInput,
} from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ErrorState } from "@/shared/ui/error-state";
import type { WebhookBody } from "./api";

interface Props {
  title: string;
  initial: WebhookBody;
  submit: string;
  pending: boolean;
  error: Error | null;
  onSubmit: (body: WebhookBody) => void;
  onClose: () => void;
}

const ANSWERS = [
  { value: "immediately", label: "At once, with the id of the execution" },
  { value: "finished", label: "When the execution has ended, with its result" },
  { value: "respond", label: "With what a node of the workflow answers" },
];

/** Making a webhook, or changing one. */
export function WebhookForm({ title, initial, submit, pending, error, onSubmit, onClose }: Props) {
  const [body, setBody] = useState(initial);
  const change = (part: Partial<WebhookBody>) => setBody({ ...body, ...part });
  function send(event: FormEvent): void {
    event.preventDefault();
    onSubmit({ ...body, name: body.name.trim() });
  }
  return (
    <Modal opened onClose={onClose} title={title} size="lg">
      <form onSubmit={send}>
        <Stack gap="md">
          <TextInput
            label="Name"
            description="For people: who sends what, as “orders of the shop”"
            withAsterisk
            data-autofocus
            value={body.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
          <Select
            label="Answers"
            data={ANSWERS}
            allowDeselect={false}
            value={body.answer ?? "immediately"}
            onChange={(answer) => change({ answer: answer as WebhookBody["answer"] })}
          />
          <Switch
            label="Deliveries must be signed"
            description="Without, everybody who knows the address may start the workflow"
            checked={body.require_signature ?? true}
            onChange={(event) => change({ require_signature: event.currentTarget.checked })}
          />
          <TagsInput
            label="Only from these addresses"
            description="Addresses or networks, as 203.0.113.0/24; none: from everywhere"
            acceptValueOnBlur
            value={body.ip_allowlist ?? []}
            onChange={(list) => change({ ip_allowlist: list })}
          />
          <Group grow align="flex-start">
            <NumberInput
              label="At most so many deliveries"
              description="Empty: as many as come"
              min={1}
              allowDecimal={false}
              value={body.rate_limit_max ?? ""}
              onChange={(value) => change({ rate_limit_max: value === "" ? null : Number(value) })}
            />
            <NumberInput
              label="Within so many seconds"
              description="Of any window of that length"
              min={1}
              max={86_400}
              allowDecimal={false}
              value={body.rate_limit_window ?? 60}
              onChange={(value) => change({ rate_limit_window: Number(value) || 60 })}
            />
          </Group>
          {error && <ErrorState error={error} doing="save the webhook" />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={pending} disabled={body.name.trim() === ""}>
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
