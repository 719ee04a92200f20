import { NumberInput, Select, SimpleGrid, Stack, TextInput, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { setSetting } from "@/graph/commands/about";
import type { Json } from "@/graph/workflow";
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
      <Section title="Limits of one execution" fields={LIMITS} />
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
