import { Button, Code, Group, Modal, Stack, Text } from "@mantine/core";
import { CopyButton } from "@/shared/ui/copy-button";
import { TimeAgo } from "@/shared/ui/time-ago";
import type { SignInLink } from "./api";

/** Shows a sign-in link, this once. */
export function LinkDialog({ link, onClose }: { link: SignInLink; onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      closeOnClickOutside={false}
      title={`Sign-in link for ${link.username}`}
      size="lg"
    >
      <Stack gap="md">
        <Text size="sm">
          Whoever opens it is signed in as {link.username}, once. It is shown only now, and expires{" "}
          <TimeAgo time={link.expires_at} />.
        </Text>
        <Group wrap="nowrap" gap="xs">
          <Code block flex={1} style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
            {link.url}
          </Code>
          <CopyButton value={link.url} what="the link" />
        </Group>
        <Group justify="flex-end">
          <Button onClick={onClose}>I have it</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
