import { Alert, Button, Code, Group, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { ApiError } from "../api/errors";

interface Props {
  error: Error;
  /** What was being done, as "load the workflows". */
  doing: string;
  retry?: () => void;
}

/** What went wrong, why, and what to do about it. */
export function ErrorState({ error, doing, retry }: Props) {
  const api = error instanceof ApiError ? error : undefined;
  return (
    <Alert
      color="red"
      icon={<IconAlertTriangle aria-hidden="true" />}
      title={`Could not ${doing}`}
      role="alert"
    >
      <Text size="sm">{error.message}</Text>
      {api?.remedy && (
        <Text size="sm" mt={4}>
          {api.remedy}
        </Text>
      )}
      <Group mt="sm" gap="sm">
        {retry && (
          <Button size="xs" variant="light" color="red" onClick={retry}>
            Try again
          </Button>
        )}
        {api && <Code>{api.code}</Code>}
        {api?.requestId && (
          <Text size="xs" c="dimmed">
            Request {api.requestId}
          </Text>
        )}
      </Group>
    </Alert>
  );
}
