/** What an empty canvas says: how to begin. */
import { Button, Stack, Text, Title } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { Panel } from "@xyflow/react";
import { useEditor } from "../store";
import { useCanvas, useCanvasStore } from "./canvas-state";

export function EmptyCanvas() {
  const canvas = useCanvasStore();
  const empty = useEditor(
    (state) => state.history.present.nodes.length === 0 && !state.history.present.annotations?.notes?.length,
  );
  const choosing = useCanvas((state) => state.palette);
  const readOnly = useEditor((state) => state.readOnly);
  if (!empty || choosing || readOnly) return null;
  return (
    <Panel position="top-center" style={{ top: "28%" }}>
      <Stack align="center" gap={8} maw={380}>
        <Title order={2} size="h4">
          How should it begin?
        </Title>
        <Text c="dimmed" size="sm" ta="center">
          Add a trigger first: a schedule, a webhook, a form, or a start by hand. The + beside it adds what
          follows.
        </Text>
        <Button
          mt={4}
          leftSection={<IconPlus size={16} />}
          onClick={() => canvas.setState({ palette: true })}
        >
          Add the first step
        </Button>
      </Stack>
    </Panel>
  );
}
