import { Input, NumberInput, Select, SimpleGrid, Stack, TextInput, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { setSetting } from "@/graph/commands/about";
import { isObject } from "@/graph/json-schema";
import { titleOf } from "@/graph/search";
import type { Json } from "@/graph/workflow";
import { WorkflowPicker } from "../panel/pickers/other-pickers";
import { useEditor } from "../store";

interface Field {
  name: string;
  label: string;
  description: string;
  least?: number;
  most?: number;
  decimal?: boolean;
  suffix?: string;
}

const STARTS: readonly Field[] = [
  {
    name: "max_concurrent",
    label: "At once",
    description: "How many executions may run at the same time.",
    least: 1,
  },
  { name: "max_per_minute", label: "Per minute", description: "How many may begin in any minute.", least: 1 },
  {
    name: "max_queued",
    label: "Waiting",
    description: "Starts beyond so many that wait are refused.",
    least: 0,
  },
  {
    name: "priority",
    label: "Priority",
    description: "Higher ones begin first; 0 is usual.",
    least: -1000,
    most: 1000,
  },
  {
    name: "debounce_seconds",
    label: "Join starts within",
    description: "Starts that follow each other so soon become one, with the data of the last.",
    decimal: true,
    suffix: " s",
    most: 86_400,
  },
  {
    name: "debounce_max_seconds",
    label: "But begin after",
    description: "The joined start waits for no longer than this.",
    decimal: true,
    suffix: " s",
    most: 86_400,
  },
];

const LIMITS: readonly Field[] = [
  {
    name: "timeout_seconds",
    label: "Time",
    description: "How long an execution may work, waits not counted.",
    decimal: true,
    suffix: " s",
  },
  { name: "loop_iterations", label: "Iterations", description: "Of one loop.", least: 1 },
  { name: "total_operations", label: "Steps", description: "Of one execution, in all.", least: 1 },
  {
    name: "loop_depth",
    label: "Nested loops",
    description: "How many loops may be around each other.",
    least: 1,
  },
  { name: "parallel_nodes", label: "Steps at once", description: "Of one execution.", least: 1 },
];

const OVERFLOW = [
  { value: "queue", label: "They wait for their turn" },
  { value: "drop", label: "They are refused" },
  { value: "replace", label: "They take the place of the oldest" },
];

/** How many executions may be, and how much each may do. An empty field leaves it to the installation. */
export function LimitFields() {
  return (
    <Stack gap="lg">
      <Section title="Starts" fields={STARTS}>
        <Choice />
        <SettingText name="debounce_key" label="Join those with the same" placeholder="data.order_id" />
      </Section>
      <TriggerPriorities />
      <Section title="Limits of one execution" fields={LIMITS} />
      <section>
        <Title order={3} size="sm" mb="xs">
          When an execution fails
        </Title>
        <ErrorWorkflow />
      </section>
    </Stack>
  );
}

function Section({
  title,
  fields,
  children,
}: {
  title: string;
  fields: readonly Field[];
  children?: ReactNode;
}) {
  return (
    <section>
      <Title order={3} size="sm" mb="xs">
        {title}
      </Title>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md" verticalSpacing="sm">
        {fields.map((field) => (
          <SettingNumber key={field.name} field={field} />
        ))}
        {children}
      </SimpleGrid>
    </section>
  );
}

function useSetting(name: string, label: string) {
  const value = useEditor(({ history }) => history.present.settings?.[name]);
  const readOnly = useEditor((state) => state.readOnly);
  const change = useEditor((state) => state.change);
  const set = (next: Json | undefined) =>
    change({ label: `Set “${label}”`, key: `setting ${name}`, apply: setSetting(name, next) });
  return { value, readOnly, set };
}

/** Where there are several triggers, some starts may come before others. */
function TriggerPriorities() {
  const workflow = useEditor(({ history }) => history.present);
  const types = useEditor((state) => state.nodeTypes);
  const { value, readOnly, set } = useSetting("trigger_priorities", "Priority by trigger");
  const triggers = workflow.nodes.filter((node) => types.get(node.type)?.role === "trigger");
  if (triggers.length < 2) return null;
  const priorities = isObject(value) ? value : {};
  const change = (id: string, next: number | string) => {
    const { [id]: _before, ...others } = priorities;
    const all = typeof next === "number" ? { ...others, [id]: next } : others;
    set(Object.keys(all).length === 0 ? undefined : all);
  };
  return (
    <section>
      <Title order={3} size="sm" mb="xs">
        Priority by trigger
      </Title>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md" verticalSpacing="sm">
        {triggers.map(({ id }) => (
          <NumberInput
            key={id}
            label={titleOf(workflow, types, id)}
            placeholder="As the workflow's"
            value={typeof priorities[id] === "number" ? priorities[id] : ""}
            min={-1000}
            max={1000}
            allowDecimal={false}
            readOnly={readOnly}
            onChange={(next) => change(id, next)}
          />
        ))}
      </SimpleGrid>
    </section>
  );
}

function ErrorWorkflow() {
  const { value, readOnly, set } = useSetting("error_workflow", "Error workflow");
  return (
    <Input.Wrapper
      id="error-workflow"
      label="Run this workflow"
      description="It gets the error, and which execution it is about."
      inputWrapperOrder={["label", "description", "input"]}
    >
      <WorkflowPicker
        id="error-workflow"
        label="Run this workflow"
        value={value ?? undefined}
        onChange={set}
        readOnly={readOnly}
        invalid={false}
        kinds={[]}
        many={false}
      />
    </Input.Wrapper>
  );
}

function SettingNumber({ field }: { field: Field }) {
  const { value, readOnly, set } = useSetting(field.name, field.label);
  return (
    <NumberInput
      label={field.label}
      description={field.description}
      placeholder="As the installation has it"
      value={typeof value === "number" ? value : ""}
      min={field.least}
      max={field.most}
      allowDecimal={field.decimal ?? false}
      allowNegative={(field.least ?? 0) < 0}
      suffix={field.suffix}
      readOnly={readOnly}
      onChange={(next) => set(typeof next === "number" ? next : undefined)}
    />
  );
}

function SettingText({ name, label, placeholder }: { name: string; label: string; placeholder: string }) {
  const { value, readOnly, set } = useSetting(name, label);
  return (
    <TextInput
      label={label}
      description="An expression over the trigger's data; only starts with the same value are joined."
      placeholder={placeholder}
      value={typeof value === "string" ? value : ""}
      readOnly={readOnly}
      maxLength={1000}
      onChange={(event) => set(event.currentTarget.value || undefined)}
    />
  );
}

function Choice() {
  const { value, readOnly, set } = useSetting("overflow", "Starts beyond the limits");
  return (
    <Select
      label="Starts beyond the limits"
      description="What becomes of them."
      data={OVERFLOW}
      value={typeof value === "string" ? value : "queue"}
      readOnly={readOnly}
      allowDeselect={false}
      onChange={(next) => set(next === null || next === "queue" ? undefined : next)}
    />
  );
}
