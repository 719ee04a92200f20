/** What is shown in place of a page that failed or is not there. */
import { Button, Container } from "@mantine/core";
import { IconMapQuestion } from "@tabler/icons-react";
import { EmptyState } from "@/shared/ui/empty-state";
import { ErrorState } from "@/shared/ui/error-state";

interface Props {
  error: unknown;
  reset: () => void;
}

export function PageError({ error: cause, reset }: Props) {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  return (
    <Container py="xl" size={760}>
      <ErrorState error={error} doing="show this page" retry={reset} />
    </Container>
  );
}

export function NotFoundPage() {
  return (
    <EmptyState
      icon={IconMapQuestion}
      title="There is nothing here"
      actions={
        <Button component="a" href="/" variant="light">
          Go to the start
        </Button>
      }
    >
      The address is not one of Wingbeat's, or what was there is gone or not yours to see.
    </EmptyState>
  );
}
