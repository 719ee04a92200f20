/** How often a failed step is tried again, with the delays that this makes. */
import { Badge, Group, NumberInput, SegmentedControl, Text } from "@mantine/core";
import { useState } from "react";
import type { RetryPolicy } from "@/graph/workflow";
import { useDraft } from "@/shared/schema-form/use-draft";
import { formatDuration } from "@/shared/time/format";
import { RETRY_DEFAULTS, shownDelays } from "./retry";

interface Props {
  policy: RetryPolicy | null;
  onChange: (policy: RetryPolicy | null) => void;
}

type Name = keyof typeof RETRY_DEFAULTS;

const FIELDS: { name: Name; label: string; suffix?: string; min: number; max?: number; step?: number }[] = [
  { name: "max_attempts", label: "Attempts", min: 1, max: 100 },
  { name: "backoff_seconds", label: "First delay", suffix: " s", min: 0 },
  { name: "factor", label: "Grows by", suffix: " ×", min: 1, step: 0.5 },
  { name: "max_delay_seconds", label: "Longest delay", suffix: " s", min: 0 },
  { name: "jitter", label: "Varied by", min: 0, max: 1, step: 0.1 },
];

const WAYS = [
  { value: "usual", label: "As usual" },
  { value: "never", label: "Never" },
  { value: "own", label: "Custom" },
];
const HELP = {
  usual: "As often as this installation says: three times more, unless its operator chose otherwise.",
  never: "The first error counts.",
  own: "As it stands here.",
};
const START = { usual: null, never: { max_attempts: 1 }, own: { max_attempts: 3 } };

export function RetryFields({ policy, onChange }: Props) {
  const [opened, setOpened] = useState(false);
  const way = wayOf(policy, opened);
  return (
    <div>
      <Text size="sm" fw={600} mb={4} id="retry-ways">
        Try again when it fails
      </Text>
      <SegmentedControl
        size="xs"
        aria-labelledby="retry-ways"
        data={WAYS}
        value={way}
        onChange={(chosen) => {
          setOpened(chosen === "own");
          onChange(START[chosen as keyof typeof START]);
        }}
      />
      <Text size="xs" c="dimmed" mt={4}>
        {HELP[way]} Only errors that may pass are tried again, such as a server that does not answer.
      </Text>
      {way === "own" && policy !== null && (
        <>
          <Group gap="xs" mt="sm" align="flex-end">
            {FIELDS.map((field) => (
              <PolicyField key={field.name} field={field} policy={policy} onChange={onChange} />
            ))}
          </Group>
          <Delays policy={policy} />
        </>
      )}
    </div>
  );
}

/** One attempt is never again, unless somebody is just counting up from there. */
function wayOf(policy: RetryPolicy | null, opened: boolean): keyof typeof HELP {
  if (policy === null) return "usual";
  const once = (policy.max_attempts ?? RETRY_DEFAULTS.max_attempts) === 1;
  return once && !opened ? "never" : "own";
}

interface FieldProps {
  field: (typeof FIELDS)[number];
  policy: RetryPolicy;
  onChange: (policy: RetryPolicy) => void;
}

function PolicyField({ field: { name, label, suffix, min, max, step }, policy, onChange }: FieldProps) {
  const draft = useDraft<number | "">(policy[name] ?? "", (value) => {
    const { [name]: _before, ...others } = policy;
    onChange(value === "" ? others : { ...others, [name]: value });
  });
  return (
    <NumberInput
      size="xs"
      w={108}
      label={label}
      suffix={suffix ?? ""}
      min={min}
      max={max ?? Number.MAX_SAFE_INTEGER}
      step={step ?? 1}
      placeholder={`${RETRY_DEFAULTS[name]}${suffix ?? ""}`}
      value={draft.value}
      onChange={(next) => draft.change(next === "" ? "" : Number(next))}
      onBlur={draft.flush}
    />
  );
}

function Delays({ policy }: { policy: RetryPolicy }) {
  const { shown, more, total } = shownDelays(policy);
  if (shown.length === 0)
    return (
      <Text size="xs" c="dimmed" mt={6}>
        With one attempt, it is not tried again.
      </Text>
    );
  return (
    <Group gap={5} mt={8} role="group" aria-label="Delays before each further attempt">
      <Text size="xs" c="dimmed">
        Tried again after
      </Text>
      {shown.map((seconds, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the delays have no other identity than their place
        <Badge key={at} size="sm" variant="default" tt="none" fw={500}>
          {formatDuration(seconds)}
        </Badge>
      ))}
      <Text size="xs" c="dimmed">
        {more > 0 ? `and ${more} more times; ` : "; "}gives up after about {formatDuration(total)}
      </Text>
    </Group>
  );
}
