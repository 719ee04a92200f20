import { Alert, Button, Checkbox, Code, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useSession } from "@/shared/api/session";
import { CopyButton } from "@/shared/ui/copy-button";
import { ErrorState } from "@/shared/ui/error-state";
import { type NewToken, type Scope, useCreateToken } from "./api";
import { SCOPES } from "./scopes";

const DAYS = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "1 year" },
];

/** Makes a token, and shows it this once. */
export function CreateDialog({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<NewToken | null>(null);
  return (
    <Modal
      opened
      onClose={onClose}
      closeOnClickOutside={made === null}
      title={made ? "Your new token" : "New token"}
      size="lg"
    >
      {made ? <Shown token={made} onClose={onClose} /> : <Form onClose={onClose} onMade={setMade} />}
    </Modal>
  );
}

function Shown({ token, onClose }: { token: NewToken; onClose: () => void }) {
  return (
    <Stack gap="md">
      <Alert color="yellow" icon={<IconKey aria-hidden="true" />} title="Copy it now">
        It is not kept as it is, so nobody can show it again.
      </Alert>
      <Group wrap="nowrap" gap="xs">
        <Code
          block
          flex={1}
          style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}
          aria-label="The token"
        >
          {token.token}
        </Code>
        <CopyButton value={token.token} what="the token" />
      </Group>
      <Text size="sm" c="dimmed">
        Programs send it in the header <Code>Authorization: Bearer …</Code>
      </Text>
      <Group justify="flex-end">
        <Button onClick={onClose}>I have it</Button>
      </Group>
    </Stack>
  );
}

interface FormProps {
  onClose: () => void;
  onMade: (token: NewToken) => void;
}

function Form({ onClose, onMade }: FormProps) {
  const administrator = useSession((session) => session.user?.is_admin ?? false);
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>(["view"]);
  const [days, setDays] = useState("90");
  const create = useCreateToken();

  function submit(event: FormEvent): void {
    event.preventDefault();
    const body = { name: name.trim(), scopes: scopes as Scope[], expires_in_days: Number(days) };
    create.mutate(body, { onSuccess: onMade });
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label="Name"
          description="What it is for, so that you know it again."
          required
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Checkbox.Group label="What it may do" required value={scopes} onChange={setScopes}>
          <Stack gap="xs" mt="xs">
            {SCOPES.filter((one) => administrator || !one.administrators).map((one) => (
              <Checkbox key={one.value} value={one.value} label={one.label} description={one.help} />
            ))}
          </Stack>
        </Checkbox.Group>
        <Select
          label="Good for"
          data={DAYS}
          value={days}
          onChange={(chosen) => setDays(chosen ?? "90")}
          allowDeselect={false}
          w={180}
        />
        {create.error && <ErrorState error={create.error} doing="make the token" />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={create.isPending}
            disabled={name.trim() === "" || scopes.length === 0}
          >
            Create token
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
