/** What holds for a node whatever its type: name, id, notes, errors, repeats and time. */
import { Alert, Divider, NumberInput, Radio, Stack, Switch, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { nodesById } from "@/graph/lookup";
import type { NodeType } from "@/graph/node-type";
import type { WorkflowNode } from "@/graph/workflow";
import { Prose } from "@/shared/schema-form/prose";
import { useDraft } from "@/shared/schema-form/use-draft";
import { useEditor } from "../../store";
import classes from "../panel.module.css";
import { RetryFields } from "../settings/retry-fields";
import { EFFECTS, ON_ERROR, ON_UNKNOWN, type OnError, type OnUnknown } from "../settings/words";
import { type NodeChanges, useNodeChanges } from "../use-change";

interface Props {
  node: WorkflowNode;
  type: NodeType | undefined;
}

export function SettingsTab({ node, type }: Props) {
  const changes = useNodeChanges(node.id);
  const readOnly = useEditor((state) => state.readOnly);
  const isTrigger = type?.inputs.length === 0;
  return (
    <fieldset disabled={readOnly} className={classes.plainFieldset}>
      <Stack gap="md">
        <Names node={node} type={type} changes={changes} />
        <Switch
          label="Switched off"
          description="It is skipped: what comes in goes on unchanged where that is possible."
          checked={node.disabled ?? false}
          onChange={(event) => changes.field("disabled", event.currentTarget.checked || undefined)}
        />
        {!isTrigger && <Errors node={node} type={type} changes={changes} />}
      </Stack>
    </fieldset>
  );
}

interface PartProps extends Props {
  changes: NodeChanges;
}

function Names({ node, type, changes }: PartProps) {
  const name = useDraft(node.name ?? "", (text: string) => changes.field("name", text.trim() || undefined));
  const notes = useDraft(node.notes ?? "", (text: string) => changes.field("notes", text || undefined));
  return (
    <>
      <TextInput
        label="Name"
        placeholder={type?.title ?? node.id}
        value={name.value}
        onChange={(event) => name.change(event.currentTarget.value)}
        onBlur={name.flush}
        maxLength={255}
      />
      <NodeId node={node} changes={changes} />
      <Textarea
        label="Notes"
        description="For whoever reads this workflow. Markdown."
        autosize
        minRows={2}
        maxRows={12}
        value={notes.value}
        onChange={(event) => notes.change(event.currentTarget.value)}
        onBlur={notes.flush}
      />
    </>
  );
}

const ID = /^[A-Za-z_][A-Za-z0-9_-]*$/;

function NodeId({ node, changes }: { node: WorkflowNode; changes: NodeChanges }) {
  const taken = useEditor((state) => nodesById(state.history.present));
  const [text, setText] = useState(node.id);
  const fault = idFault(text, node.id, taken);
  const leave = () => (fault === null ? text !== node.id && changes.rename(text) : setText(node.id));
  return (
    <TextInput
      label="Id"
      description={`Expressions name it: nodes.${node.id}. A new id is put into all of them.`}
      value={text}
      error={fault}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={leave}
      onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
      maxLength={100}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }}
    />
  );
}

function idFault(text: string, id: string, taken: ReadonlyMap<string, WorkflowNode>): string | null {
  if (!ID.test(text)) return "Letters, digits, _ and -; it begins with a letter or _.";
  return text !== id && taken.has(text) ? "Another node has this id." : null;
}

function Errors({ node, type, changes }: PartProps) {
  const effect = type ? EFFECTS[type.effect] : null;
  return (
    <>
      <Divider label="When something goes wrong" labelPosition="left" />
      <Choices<OnError>
        label="When it fails for good"
        words={ON_ERROR}
        value={node.on_error ?? "stop"}
        onChange={(next) => changes.field("on_error", next === "stop" ? undefined : next)}
      />
      <RetryFields
        policy={node.retry ?? null}
        onChange={(policy) => changes.field("retry", policy ?? undefined)}
      />
      <TimeLimit node={node} changes={changes} />
      {effect && (
        <Alert
          variant="light"
          color={type?.effect === "unsafe" ? "yellow" : "teal"}
          p="sm"
          title={effect.label}
        >
          <Text size="xs">{effect.help}</Text>
        </Alert>
      )}
      {type?.effect === "unsafe" && (
        <Choices<OnUnknown>
          label="When nobody knows whether it happened"
          words={ON_UNKNOWN}
          value={node.on_unknown ?? "fail"}
          onChange={(next) => changes.field("on_unknown", next === "fail" ? undefined : next)}
        />
      )}
    </>
  );
}

function TimeLimit({ node, changes }: { node: WorkflowNode; changes: NodeChanges }) {
  const draft = useDraft<number | "">(node.timeout_seconds ?? "", (seconds) =>
    changes.field("timeout_seconds", seconds === "" ? undefined : seconds),
  );
  return (
    <NumberInput
      label="Time limit"
      description="An attempt that takes longer is stopped, and counts as failed."
      placeholder="None of its own"
      suffix=" s"
      min={0}
      value={draft.value}
      onChange={(next) => draft.change(next === "" ? "" : Number(next) || "")}
      onBlur={draft.flush}
      maw={220}
    />
  );
}

interface ChoicesProps<Value extends string> {
  label: string;
  words: Record<Value, { label: string; help: string }>;
  value: Value;
  onChange: (value: Value) => void;
}

function Choices<Value extends string>({ label, words, value, onChange }: ChoicesProps<Value>) {
  return (
    <Radio.Group label={label} value={value} onChange={(next) => onChange(next as Value)}>
      <Stack gap={8} mt={8}>
        {(Object.keys(words) as Value[]).map((one) => (
          <Radio
            key={one}
            value={one}
            label={words[one].label}
            description={<Prose text={words[one].help} />}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}
