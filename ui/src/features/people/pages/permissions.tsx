import { Container, Title } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { PermissionsPanel } from "../permissions-panel";

/** Who may use the workflow at hand. */
export function PermissionsPage() {
  const { workflowId = "" } = useParams({ strict: false });
  return (
    <Container size={760} py="lg" w="100%">
      <Title order={2} size="h3" mb="xs">
        Who may use it
      </Title>
      <PermissionsPanel workflowId={workflowId} />
    </Container>
  );
}
