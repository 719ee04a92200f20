/** What a node gave in the last run, and the output that is pinned for test runs. */
import { Alert, Badge, Button, Group, Skeleton, Text } from "@mantine/core";
import { IconPin, IconPinnedOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { NodeType } from "@/graph/node-type";
import { outputsOf } from "@/graph/ports";
import type { Json, WorkflowNode } from "@/graph/workflow";
import { CodeEditor } from "@/shared/code/code-editor";
import { parseJson } from "@/shared/schema-form/parse-json";
import { Duration } from "@/shared/ui/duration";
import { useEditor } from "../../store";
import { lastStepQuery, type StepDetail } from "../data/api";
import classes from "../data/data.module.css";
import { DataTree } from "../data/data-tree";
import type { NodeData } from "../data/use-node-data";
import { useNodeChanges } from "../use-change";

interface Props {
  node: WorkflowNode;
  type: NodeType | undefined;
  data: NodeData;
}

export function OutputTab({ node, type, data }: Props) {
  const readOnly = useEditor((state) => state.readOnly);
  const changes = useNodeChanges(node.id);
  const last = useQuery(lastStepQuery(data.source?.execution_id ?? null, node.id));
  const output = last.data?.error ? undefined : (last.data?.output.value as Json | undefined);
  const pinned = node.pinned_output;
  const [editing, setEditing] = useState(false);
  if (pinned !== undefined || editing)
    return <Pinned node={node} start={pinned ?? output ?? {}} onDone={() => setEditing(false)} />;
  return (
    <div>
      {data.source !== null && last.isPending ? <Skeleton height={120} /> : <Last step={last.data ?? null} />}
      {!readOnly && (
        <Group gap="xs" my="sm">
          {output !== undefined && (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPin size={14} />}
              onClick={() => changes.pin(output)}
            >
              Pin this output
            </Button>
          )}
          <Button size="xs" variant="subtle" color="gray" onClick={() => setEditing(true)}>
            {output === undefined ? "Pin an output of your own" : "Edit and pin"}
          </Button>
        </Group>
      )}
      {last.data == null && <Ports node={node} type={type} />}
    </div>
  );
}

function Last({ step }: { step: StepDetail | null }) {
  if (step === null)
    return (
      <Text size="sm" c="dimmed">
        It has not run yet. Run the workflow, or this node alone, and its output is here.
      </Text>
    );
  const { line, output, error } = step;
  const seconds = (Date.parse(line.ended_at) - Date.parse(line.started_at)) / 1000;
  return (
    <div>
      <Group gap={8} mb={6}>
        {line.ports.map((port) => (
          <Badge key={port} size="sm" variant="light" tt="none">
            {port}
          </Badge>
        ))}
        <Text size="xs" c="dimmed">
          {line.status}, <Duration seconds={seconds} />
        </Text>
      </Group>
      {error ? (
        <Alert color="red" p="xs" title={line.error_code ?? "It failed"}>
          {line.error_message}
        </Alert>
      ) : (
        <ul className={classes.roots}>
          <DataTree path={["output"]} name="output" value={output.value as Json} onPick={null} open />
        </ul>
      )}
      {output.cuts.length > 0 && (
        <div className={classes.hint}>Only the beginning of a large value is shown.</div>
      )}
    </div>
  );
}

/** What leaves by each port, where nothing has left yet. */
function Ports({ node, type }: { node: WorkflowNode; type: NodeType | undefined }) {
  return (
    <ul className={classes.roots}>
      {outputsOf(type, node).map((port) => (
        <li key={port.name} className={classes.section}>
          <div className={classes.sectionHead}>
            <Badge size="sm" variant="default" tt="none">
              {port.name}
            </Badge>
          </div>
          <div className={classes.hint}>{port.help}</div>
          {port.schema && (
            <ul className={classes.roots}>
              <DataTree path={[port.name]} name={port.name} schema={port.schema} onPick={null} open />
            </ul>
          )}
        </li>
      ))}
    </ul>
  );
}

interface PinnedProps {
  node: WorkflowNode;
  start: Json;
  onDone: () => void;
}

/** The pinned output as JSON. What is no JSON yet changes nothing. */
function Pinned({ node, start, onDone }: PinnedProps) {
  const changes = useNodeChanges(node.id);
  const readOnly = useEditor((state) => state.readOnly);
  const [text, setText] = useState(() => JSON.stringify(start, null, 2));
  const { value, fault } = parseJson(text);
  function write(next: string) {
    setText(next);
    const read = parseJson(next);
    if (read.fault === null && read.value !== undefined) changes.pin(read.value);
  }
  return (
    <div>
      <Text size="xs" c="dimmed" mb={6}>
        Test runs take this for the node’s output instead of running it. Real runs do not look at it.
      </Text>
      <CodeEditor
        value={text}
        onChange={write}
        language="json"
        label={`Pinned output of ${node.id}`}
        invalid={fault !== null}
        readOnly={readOnly}
        minHeight={160}
        maxHeight="55vh"
      />
      {fault && (
        <Text size="xs" c="red" mt={4} role="alert">
          {fault}
        </Text>
      )}
      {!readOnly && (
        <Group gap="xs" mt="sm">
          {node.pinned_output === undefined && (
            <Button
              size="xs"
              leftSection={<IconPin size={14} />}
              disabled={fault !== null || value === undefined}
              onClick={() => changes.pin(value)}
            >
              Pin
            </Button>
          )}
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPinnedOff size={14} />}
            onClick={() => {
              changes.pin(undefined);
              onDone();
            }}
          >
            {node.pinned_output === undefined ? "Cancel" : "Unpin"}
          </Button>
        </Group>
      )}
    </div>
  );
}
