import { Button, Group, List, Modal, Stack, Text } from "@mantine/core";
import { useRouter } from "@tanstack/react-router";
import type { Imported } from "../api";
import type { WorkflowLinks } from "../links";

interface Props {
  imported: Imported;
  links: WorkflowLinks;
  onClose: () => void;
}

/** What an imported workflow lacks here. The draft is there all the same. */
export function LackingDialog({ imported, links, onClose }: Props) {
  const { history } = useRouter();
  return (
    <Modal opened onClose={onClose} title={`“${imported.name}” is imported`} size="lg">
      <Stack gap="md">
        <Text size="sm">
          It is a draft now. Before it can be published, this needs somebody's attention; the editor shows
          where.
        </Text>
        <List size="sm" spacing="xs">
          {imported.problems.slice(0, 20).map((problem) => (
            <List.Item key={`${problem.code} ${problem.node} ${problem.parameter} ${problem.position}`}>
              {problem.node && <strong>{problem.node}: </strong>}
              {problem.message}{" "}
              <Text span c="dimmed">
                {problem.fix}
              </Text>
            </List.Item>
          ))}
        </List>
        {imported.problems.length > 20 && (
          <Text size="sm" c="dimmed">
            And {imported.problems.length - 20} more.
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Later
          </Button>
          <Button onClick={() => history.push(links.workflow(imported.workflow_id))}>Open the draft</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
