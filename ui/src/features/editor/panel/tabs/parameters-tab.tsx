/** The parameters of a node: a form out of its schema. */
import { Anchor, Text } from "@mantine/core";
import { useEffect, useMemo, useRef } from "react";
import { nodesById } from "@/graph/lookup";
import type { NodeType } from "@/graph/node-type";
import { problemsOf } from "@/graph/problems";
import type { JsonObject, WorkflowNode } from "@/graph/workflow";
import type { FieldFault, InsertTarget, Pickers } from "@/shared/schema-form/form-context";
import { propertiesOf } from "@/shared/schema-form/schema";
import { SchemaForm } from "@/shared/schema-form/schema-form";
import { HrefLink } from "@/shared/ui/href-link";
import { useEditor, useEditorStore } from "../../store";
import { asideOf } from "../aside";
import type { NodeData } from "../data/use-node-data";
import { ConnectionPicker } from "../pickers/connection-picker";
import { NodesPicker, WorkflowPicker, ZonePicker } from "../pickers/other-pickers";
import { PeoplePicker } from "../pickers/people-picker";
import { usePanelSlots } from "../slots";
import { useNodeChanges } from "../use-change";
import { commonNames } from "./common-names";
import { wordsOfFault } from "./fault-words";

const PICKERS: Pickers = {
  connection: ConnectionPicker,
  workflow: WorkflowPicker,
  nodes: NodesPicker,
  people: PeoplePicker,
  "time-zone": ZonePicker,
};
const NOTHING: JsonObject = {};

interface Props {
  node: WorkflowNode;
  type: NodeType;
  data: NodeData;
  onFocusField: (target: InsertTarget) => void;
}

export function ParametersTab({ node, type, data, onFocusField }: Props) {
  const changes = useNodeChanges(node.id);
  const readOnly = useEditor((state) => state.readOnly);
  const problems = useEditor((state) => problemsOf(state.problems, node.id));
  const common = useMemo(() => commonNames(type.examples), [type]);
  const failed = useFailedFor(node);
  const faults = useMemo<FieldFault[]>(
    () => [
      ...failed,
      ...problems
        .filter(({ parameter }) => parameter)
        .map(({ code, parameter, message, fix, severity }) => ({
          path: parameter ?? "",
          ...wordsOfFault(code, message, fix),
          severity,
        })),
    ],
    [failed, problems],
  );
  const aside = asideOf(useEditorStore(), node.id);
  const others = problems.filter(({ parameter }) => !parameter);
  const form = useRef<HTMLDivElement>(null);
  useRevealed(node.id, form);
  if (propertiesOf(type.parameters).length === 0)
    return (
      <>
        <Others problems={others} />
        <Text size="sm" c="dimmed">
          This node needs no parameters.
        </Text>
        {type.role === "trigger" && <FromOutside />}
      </>
    );
  return (
    <div ref={form}>
      <Others problems={others} />
      <SchemaForm
        key={node.id}
        schema={type.parameters}
        value={node.parameters ?? NOTHING}
        onEdit={changes.parameter}
        help={data.help}
        pickers={PICKERS}
        faults={faults}
        readOnly={readOnly}
        common={common}
        onFocusField={onFocusField}
        aside={aside}
      />
      {type.role === "trigger" && <FromOutside />}
    </div>
  );
}

const NO_FAULTS: readonly FieldFault[] = [];

/** What the step failed for in the run on the canvas, as long as it is as it was then: a run saves what it runs. */
function useFailedFor(node: WorkflowNode): readonly FieldFault[] {
  const error = useEditor((state) => state.runStates.get(node.id)?.error);
  const saved = useEditor((state) => nodesById(state.saved.workflow).get(node.id));
  const isAsItRan = saved?.parameters === node.parameters;
  return useMemo(() => {
    if (!isAsItRan || error?.parameter === undefined) return NO_FAULTS;
    const message = `In the last run: ${error.message}`;
    return [{ path: error.parameter, message, fix: "", severity: "error" }];
  }, [error, isAsItRan]);
}

/** What belongs to a trigger and stands beside the workflow: it differs from one installation to another. */
function FromOutside() {
  const workflowId = useEditor((state) => state.workflowId);
  const { triggersHref } = usePanelSlots();
  if (triggersHref === undefined) return null;
  return (
    <Text size="sm" c="dimmed" mt="lg">
      Addresses and secrets of webhooks, schedules, forms, and why it did or did not run are under{" "}
      <Anchor component={HrefLink} href={triggersHref(workflowId)} size="sm" underline="always">
        Triggers
      </Anchor>
      .
    </Text>
  );
}

interface OthersProps {
  problems: readonly { message: string; fix?: string; severity: string }[];
}

/** What is wrong with the node as a whole. */
function Others({ problems }: OthersProps) {
  if (problems.length === 0) return null;
  return (
    <Text component="ul" size="sm" c="red" pl="md" mt={0} mb="md">
      {problems.map(({ message, fix }) => (
        <li key={message}>
          {message} {fix}
        </li>
      ))}
    </Text>
  );
}

/** Brings a field into view that somebody asked for, as from the list of problems. */
function useRevealed(nodeId: string, form: React.RefObject<HTMLDivElement | null>): void {
  const reveal = useEditor((state) => state.reveal);
  useEffect(() => {
    if (reveal === null || reveal.node !== nodeId || !reveal.parameter) return;
    const wanted = reveal.parameter.replaceAll(".", "-");
    const timer = setTimeout(() => {
      const field = form.current?.querySelector<HTMLElement>(`[id$="-${CSS.escape(wanted)}-label"]`);
      field?.scrollIntoView({ block: "center" });
      const control = field
        ?.closest("div")
        ?.parentElement?.querySelector<HTMLElement>("input,textarea,.cm-content");
      control?.focus();
    }, 60);
    return () => clearTimeout(timer);
  }, [reveal, nodeId, form]);
}
