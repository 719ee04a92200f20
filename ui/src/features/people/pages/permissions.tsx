import { Box, Container, Title } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { PermissionsPanel } from "../permissions-panel";

/** Who may use the workflow at hand. */
export function PermissionsPage() {
  const { workflowId = "" } = useParams({ strict: false });
  return (
    <Container size={1320} px={{ base: "md", sm: "xl" }} py="lg" w="100%">
      <Box maw={720}>
        <Title order={2} size="h3" mb="xs">
          Who may use it
        </Title>
        <PermissionsPanel workflowId={workflowId} />
      </Box>
    </Container>
  );
}
