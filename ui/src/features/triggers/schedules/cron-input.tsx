import { Chip, Group, NumberInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { cronInWords, readSimple, type Simple, toCron } from "./cron";

interface Props {
  value: string;
  onChange: (cron: string) => void;
}

const KINDS = [
  { value: "minutes", label: "Every few minutes" },
  { value: "hour", label: "Every hour" },
  { value: "day", label: "Every day" },
  { value: "week", label: "Every week" },
  { value: "month", label: "Every month" },
  { value: "own", label: "An expression of my own" },
];
const BEGINNINGS: Readonly<Record<string, Simple>> = {
  minutes: { every: "minutes", minutes: 15 },
  hour: { every: "hour", minute: 0 },
  day: { every: "day", time: "09:00" },
  week: { every: "week", days: [1, 2, 3, 4, 5], time: "09:00" },
  month: { every: "month", day: 1, time: "09:00" },
};
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
// A week begins on Monday.
const WEEK = [1, 2, 3, 4, 5, 6, 0];

/** When, in a simple form or as an expression; the one follows the other. */
export function CronInput({ value, onChange }: Props) {
  const simple = readSimple(value);
  const words = cronInWords(value);
  return (
    <Stack gap="sm">
      <Group align="flex-end" gap="sm">
        <Select
          label="How often"
          data={KINDS}
          allowDeselect={false}
          value={simple?.every ?? "own"}
          onChange={(kind) => {
            const beginning = BEGINNINGS[kind ?? ""];
            onChange(beginning ? toCron(beginning) : cronOfOwn(value));
          }}
        />
        {simple && <SimpleInput simple={simple} onChange={(changed) => onChange(toCron(changed))} />}
      </Group>
      {simple?.every === "week" && (
        <Chip.Group
          multiple
          value={simple.days.map(String)}
          onChange={(days) => days.length > 0 && onChange(toCron({ ...simple, days: days.map(Number) }))}
        >
          <Group gap={6} role="group" aria-label="Days of the week">
            {WEEK.map((day) => (
              <Chip key={day} value={String(day)} size="xs" variant="light">
                {DAYS[day]}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      )}
      <TextInput
        label="Cron expression"
        description="Minute, hour, day of the month, month, day of the week"
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <Text size="sm" fw={560} aria-live="polite">
        {words ? `${words}.` : "Read by the server: see the next runs below."}
      </Text>
    </Stack>
  );
}

// Something that the simple form does not say, so that it stays the expression's.
function cronOfOwn(value: string): string {
  return readSimple(value) === null ? value : "0 9 1 1,7 *";
}

function SimpleInput({ simple, onChange }: { simple: Simple; onChange: (simple: Simple) => void }) {
  switch (simple.every) {
    case "minutes":
      return (
        <NumberInput
          label="Minutes"
          w={110}
          min={1}
          max={59}
          allowDecimal={false}
          clampBehavior="strict"
          value={simple.minutes}
          onChange={(minutes) => onChange({ every: "minutes", minutes: Number(minutes) || 1 })}
        />
      );
    case "hour":
      return (
        <NumberInput
          label="At minute"
          w={110}
          min={0}
          max={59}
          allowDecimal={false}
          clampBehavior="strict"
          value={simple.minute}
          onChange={(minute) => onChange({ every: "hour", minute: Number(minute) || 0 })}
        />
      );
    default:
      return (
        <>
          {simple.every === "month" && (
            <NumberInput
              label="On day"
              w={100}
              min={1}
              max={31}
              allowDecimal={false}
              clampBehavior="strict"
              value={simple.day}
              onChange={(day) => onChange({ ...simple, day: Number(day) || 1 })}
            />
          )}
          <TextInput
            type="time"
            label="At"
            value={simple.time}
            onChange={(event) =>
              event.currentTarget.value && onChange({ ...simple, time: event.currentTarget.value })
            }
          />
        </>
      );
  }
}
