import { Group, NumberInput, Select, Text } from "@mantine/core";
import { useState } from "react";
import { intervalInWords } from "./cron";

const UNITS = [
  { value: "1", label: "seconds" },
  { value: "60", label: "minutes" },
  { value: "3600", label: "hours" },
  { value: "86400", label: "days" },
];

interface Props {
  seconds: number;
  onChange: (seconds: number) => void;
}

/** How far apart, in a unit that fits. */
export function IntervalInput({ seconds, onChange }: Props) {
  const [unit, setUnit] = useState(() => largestUnit(seconds));
  return (
    <div>
      <Group align="flex-end" gap="sm">
        <NumberInput
          label="Every"
          w={120}
          min={1}
          allowDecimal={false}
          value={seconds / unit}
          onChange={(value) => onChange(Math.max(1, Number(value) || 1) * unit)}
        />
        <Select
          aria-label="Unit"
          w={140}
          data={UNITS}
          allowDeselect={false}
          value={String(unit)}
          onChange={(value) => {
            const chosen = Number(value);
            onChange((seconds / unit) * chosen);
            setUnit(chosen);
          }}
        />
      </Group>
      <Text size="sm" fw={560} mt="sm">
        {intervalInWords(seconds)}, counted from when it is saved.
      </Text>
    </div>
  );
}

function largestUnit(seconds: number): number {
  return [86_400, 3600, 60].find((one) => seconds % one === 0) ?? 1;
}
