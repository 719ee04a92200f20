/** Taking over a definition from a file or from text: in place of what is there, or beside it. */
import { Alert, Button, FileButton, Group, Modal, Stack, Textarea } from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { useState } from "react";
import { replaceWith } from "@/graph/commands/about";
import { definitionIn, paste, readClip } from "@/graph/commands/clipboard";
import type { Workflow } from "@/graph/workflow";
import { fromDefinition } from "../definition";
import { useEditor, useEditorStore } from "../store";

export function ImportDialog() {
  const opened = useEditor(({ page }) => page.dialog === "import");
  const setPage = useEditor((state) => state.setPage);
  const close = () => setPage({ dialog: null });
  return (
    <Modal opened={opened} onClose={close} title="Import JSON" size="lg">
      <Content onClose={close} />
    </Modal>
  );
}

function Content({ onClose }: { onClose: () => void }) {
  const store = useEditorStore();
  const [text, setText] = useState("");
  const clip = readClip(text);
  const whole = wholeDefinition(text);
  const wrong = text.trim() !== "" && clip === null;

  const replace = () => {
    if (whole === null) return;
    store.getState().change({ label: "Import in place of what was there", apply: replaceWith(whole) });
    requestAnimationFrame(() => store.getState().canvas?.fitView());
    onClose();
  };
  const add = () => {
    if (clip === null) return;
    const { history, nodeTypes, canvas, change, select } = store.getState();
    const pasted = paste(history.present, clip, nodeTypes, canvas?.place() ?? null);
    change({ label: "Import", apply: () => pasted.workflow });
    select(pasted.selection);
    onClose();
  };
  return (
    <Stack>
      <Textarea
        label="Definition"
        description="A workflow as JSON, or steps that were copied."
        placeholder='{"name": "…", "nodes": […], "connections": […]}'
        value={text}
        minRows={8}
        maxRows={16}
        autosize
        spellCheck={false}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {wrong && (
        <Alert color="red" title="This is no workflow">
          It must be JSON with “nodes”, each with an id and a type, as the export of a workflow gives it.
        </Alert>
      )}
      <Group justify="space-between">
        <FileButton
          accept="application/json,.json"
          onChange={async (file) => setText((await file?.text()) ?? "")}
        >
          {(props) => (
            <Button {...props} variant="default" leftSection={<IconFileImport size={16} />}>
              Choose a file
            </Button>
          )}
        </FileButton>
        <Group gap="sm">
          <Button variant="default" disabled={clip === null} onClick={add}>
            Add to the drawing
          </Button>
          <Button disabled={whole === null} onClick={replace}>
            Replace the workflow
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}

/** What can stand in place of the whole workflow: it has a name. */
function wholeDefinition(text: string): Workflow | null {
  if (readClip(text) === null) return null;
  const { name, description, nodes, connections, global_variables, settings, annotations } =
    definitionIn(text) ?? {};
  if (typeof name !== "string" || name.trim() === "") return null;
  if (description != null && typeof description !== "string") return null;
  const given = { name, description, nodes, connections, global_variables, settings, annotations };
  return fromDefinition(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value != null)) as never,
  );
}
