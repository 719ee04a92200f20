/** Connecting by keyboard: first the port, then the step that it leads to, from lists. */
import { Button, Group, Modal, Select, Stack, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { canConnect } from "@/graph/can-connect";
import { connectionId, type End, sourceOf } from "@/graph/connections";
import type { NodeTypes } from "@/graph/node-type";
import { inputsOf, outputsOf } from "@/graph/ports";
import type { Workflow, WorkflowNode } from "@/graph/workflow";
import { nodeName } from "@/shared/graph-view/describe";
import { useEditor, useEditorStore } from "../../store";
import { freePort } from "../beside";
import { useCanvas, useCanvasStore } from "../canvas-state";
import { connectSteps, removeConnection } from "../editing";
import { focusStep } from "../show-step";

export function ConnectDialog() {
  const id = useCanvas((state) => state.connecting);
  const canvas = useCanvasStore();
  const node = useEditor((state) => state.history.present.nodes.find((one) => one.id === id));
  const types = useEditor((state) => state.nodeTypes);
  const close = () => {
    canvas.setState({ connecting: null });
    if (id !== null) focusStep(id);
  };
  return (
    <Modal
      opened={node !== undefined}
      onClose={close}
      returnFocus={false}
      title={node && `Connect “${nodeName(node, types.get(node.type))}”`}
    >
      {node && <ConnectForm node={node} types={types} close={close} />}
    </Modal>
  );
}

interface FormProps {
  node: WorkflowNode;
  types: NodeTypes;
  close: () => void;
}

function ConnectForm({ node, types, close }: FormProps) {
  const store = useEditorStore();
  const workflow = useEditor((state) => state.history.present);
  const ports = outputsOf(types.get(node.type), node).map((port) => port.name);
  const [port, setPort] = useState(() => freePort(workflow, node, types));
  const [target, setTarget] = useState<string | null>(null);
  const targets = useMemo(
    () => (port === null ? [] : targetsOf(workflow, types, { node: node.id, port })),
    [workflow, types, node.id, port],
  );
  if (port === null) return <Text size="sm">This step ends the workflow: nothing follows it.</Text>;

  function submit(): void {
    const end = targets.find((one) => one.value === target)?.end;
    if (end && port !== null && connectSteps(store, { node: node.id, port }, end)) close();
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="sm">
        {ports.length > 1 && (
          <Select label="From its port" data={ports} value={port} onChange={setPort} allowDeselect={false} />
        )}
        <Select
          label="To"
          placeholder={targets.length > 0 ? "Choose a step" : "No step can follow here"}
          data={targets.map(({ value, label }) => ({ value, label }))}
          value={target}
          onChange={setTarget}
          searchable
          data-autofocus
          nothingFoundMessage="No step of that name can follow here"
        />
        <Connected workflow={workflow} types={types} node={node} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={target === null}>
            Connect
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What it leads to already; by keyboard it is also disconnected here. */
function Connected({ workflow, types, node }: { workflow: Workflow; types: NodeTypes; node: WorkflowNode }) {
  const store = useEditorStore();
  const leading = workflow.connections.filter((connection) => connection.from === node.id);
  if (leading.length === 0) return null;
  const names = new Map(workflow.nodes.map((one) => [one.id, nodeName(one, types.get(one.type))]));
  return (
    <Stack gap={4}>
      <Text size="sm" fw={500}>
        Connected already
      </Text>
      {leading.map((connection) => (
        <Group key={connectionId(connection)} justify="space-between" wrap="nowrap">
          <Text size="sm" truncate>
            {sourceOf(connection).port} → {names.get(connection.to) ?? connection.to}
          </Text>
          <Button
            size="compact-xs"
            variant="subtle"
            color="red"
            onClick={() => removeConnection(store, connectionId(connection))}
          >
            Disconnect
          </Button>
        </Group>
      ))}
    </Stack>
  );
}

function targetsOf(workflow: Workflow, types: NodeTypes, from: End) {
  return workflow.nodes.flatMap((node) => {
    const inputs = inputsOf(types.get(node.type));
    const name = nodeName(node, types.get(node.type));
    return inputs
      .map((port) => ({
        value: `${node.id} ${port}`,
        label: inputs.length > 1 ? `${name}: ${port}` : name,
        end: { node: node.id, port },
      }))
      .filter(({ end }) => canConnect(workflow, types, from, end).ok);
  });
}
