import { Button, Group, Modal, Radio, Select, Stack } from "@mantine/core";
import { useState } from "react";
import { ErrorState } from "@/shared/ui/error-state";
import { type Rotation, useRotateWebhook, type Webhook } from "./api";

interface Props {
  webhook: Webhook;
  onRotated: (made: Webhook & { secret?: string | null }) => void;
  onClose: () => void;
}

const OVERLAPS = [
  { value: "0", label: "It counts no more at once" },
  { value: "3600", label: "It counts for an hour more" },
  { value: "86400", label: "It counts for a day more" },
  { value: "604800", label: "It counts for a week more" },
];

/** A new secret, a new address, or both. */
export function RotateDialog({ webhook, onRotated, onClose }: Props) {
  const [rotate, setRotate] = useState<Rotation["rotate"]>("secret");
  const [overlap, setOverlap] = useState("3600");
  const rotation = useRotateWebhook(webhook);
  return (
    <Modal opened onClose={onClose} title={`Renew ${webhook.name}`}>
      <Stack gap="md">
        <Radio.Group
          label="What is made anew?"
          value={rotate}
          onChange={(value) => setRotate(value as Rotation["rotate"])}
        >
          <Stack gap="xs" mt="xs">
            <Radio value="secret" label="The secret" />
            <Radio value="token" label="The address; the old one is gone at once" />
            <Radio value="both" label="Both" />
          </Stack>
        </Radio.Group>
        {rotate !== "token" && (
          <Select
            label="The old secret"
            data={OVERLAPS}
            allowDeselect={false}
            value={overlap}
            onChange={(value) => setOverlap(value ?? "0")}
          />
        )}
        {rotation.error && <ErrorState error={rotation.error} doing="renew the webhook" />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            loading={rotation.isPending}
            onClick={() =>
              rotation.mutate(
                { rotate, overlap_seconds: rotate === "token" ? 0 : Number(overlap) },
                { onSuccess: onRotated },
              )
            }
          >
            Renew
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
