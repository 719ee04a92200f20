/** The output that is pinned, and its JSON while somebody writes it. */
import { ActionIcon, Button, Group, Text, Tooltip } from "@mantine/core";
import { IconPencil, IconPin, IconPinnedFilled, IconPinnedOff } from "@tabler/icons-react";
import { useState } from "react";
import type { Json, WorkflowNode } from "@/graph/workflow";
import { CodeEditor } from "@/shared/code/code-editor";
import { parseJson } from "@/shared/schema-form/parse-json";
import { useEditor } from "../../store";
import classes from "../panel.module.css";
import { useNodeChanges } from "../use-change";

interface Props {
  node: WorkflowNode;
  editing: boolean;
  onEdit: (editing: boolean) => void;
}

/** Says that an output is pinned, wherever what the node really gave is looked at. */
export function PinnedNotice({ node, editing, onEdit }: Props) {
  const changes = useNodeChanges(node.id);
  const readOnly = useEditor((state) => state.readOnly);
  const isTrigger = useEditor((state) => state.nodeTypes.get(node.type)?.role === "trigger");
  if (node.pinned_output === undefined) return null;
  return (
    <div className={classes.pinned} role="note">
      <IconPinnedFilled size={15} aria-hidden="true" />
      <span>
        <strong>An output is pinned.</strong>{" "}
        {isTrigger
          ? "Tests, and runs from here that take pins, begin with it unless other data are given."
          : "Tests, and runs from here that take pins, use it instead of running this step."}
      </span>
      <Group gap={2} wrap="nowrap">
        <Tooltip label={readOnly ? "Look at what is pinned" : "Edit what is pinned"}>
          <ActionIcon
            onClick={() => onEdit(!editing)}
            aria-expanded={editing}
            aria-label="Show the pinned output"
          >
            <IconPencil size={16} />
          </ActionIcon>
        </Tooltip>
        {!readOnly && (
          <Tooltip label="Unpin: run this step again">
            <ActionIcon
              onClick={() => {
                changes.pin(undefined);
                onEdit(false);
              }}
              aria-label="Unpin"
            >
              <IconPinnedOff size={16} />
            </ActionIcon>
          </Tooltip>
        )}
      </Group>
    </div>
  );
}

interface EditorProps {
  node: WorkflowNode;
  start: Json;
  onDone: () => void;
}

/** The pinned output as JSON. What is no JSON yet changes nothing. */
export function PinnedEditor({ node, start, onDone }: EditorProps) {
  const changes = useNodeChanges(node.id);
  const readOnly = useEditor((state) => state.readOnly);
  const isPinned = node.pinned_output !== undefined;
  const [text, setText] = useState(() => JSON.stringify(start, null, 2));
  const { value, fault } = parseJson(text);
  function write(next: string) {
    setText(next);
    const read = parseJson(next);
    if (isPinned && read.fault === null && read.value !== undefined) changes.pin(read.value);
  }
  return (
    <div className={classes.pinnedEditor}>
      <CodeEditor
        value={text}
        onChange={write}
        language="json"
        label={`Pinned output of ${node.id}`}
        invalid={fault !== null}
        readOnly={readOnly}
        minHeight={120}
        maxHeight="40vh"
      />
      {fault && (
        <Text size="xs" c="red" mt={4} role="alert">
          {fault}
        </Text>
      )}
      <Group gap="xs" mt="sm">
        {!isPinned && !readOnly && (
          <Button
            size="xs"
            leftSection={<IconPin size={14} />}
            disabled={fault !== null || value === undefined}
            onClick={() => {
              changes.pin(value);
              onDone();
            }}
          >
            Pin
          </Button>
        )}
        <Button size="xs" variant="default" onClick={onDone}>
          {isPinned ? "Done" : "Cancel"}
        </Button>
      </Group>
    </div>
  );
}
