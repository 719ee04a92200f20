import { Button, Group, Popover, SegmentedControl, Select, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCalendar } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { workflowNames } from "./api";
import { type DashboardSearch, ownRange, PRESETS, type Preset, presetOf, rangeAt } from "./range";

interface Props {
  search: DashboardSearch;
  onChange: (search: DashboardSearch) => void;
}

/** Which executions count: of how much time, and of which workflow. */
export function RangePicker({ search, onChange }: Props) {
  const names = useQuery(workflowNames).data ?? [];
  const { workflow } = search;
  const kept = workflow ? { workflow } : {};
  return (
    <Group gap="sm">
      <Select
        size="sm"
        w={{ base: "100%", xs: 210 }}
        placeholder="All workflows"
        aria-label="Workflow"
        searchable
        clearable
        data={names}
        value={workflow ?? null}
        onChange={(chosen) => {
          const { workflow: _before, ...rest } = search;
          onChange(chosen ? { ...rest, workflow: chosen } : rest);
        }}
      />
      <SegmentedControl
        size="sm"
        aria-label="Time"
        value={presetOf(search)}
        onChange={(chosen) => onChange({ ...kept, range: chosen as Preset })}
        data={PRESETS.map(({ value, short }) => ({ value, label: short }))}
      />
      <OwnRange
        search={search}
        onChoose={(since, until) =>
          onChange({ ...kept, since: since.toISOString(), until: until.toISOString() })
        }
      />
    </Group>
  );
}

interface OwnProps {
  search: DashboardSearch;
  onChoose: (since: Date, until: Date) => void;
}

function OwnRange({ search, onChoose }: OwnProps) {
  const [opened, { toggle, close }] = useDisclosure();
  const [since, setSince] = useState("");
  const [until, setUntil] = useState("");
  const chosen = ownRange(since, until);
  function open(): void {
    const shown = rangeAt(search, new Date());
    setSince(local(shown.since));
    setUntil(local(shown.until));
    toggle();
  }
  return (
    <Popover opened={opened} onChange={(now) => !now && close()} position="bottom-end" withArrow trapFocus>
      <Popover.Target>
        <Button
          variant={presetOf(search) === "own" ? "light" : "default"}
          size="sm"
          leftSection={<IconCalendar size={16} aria-hidden="true" />}
          onClick={open}
          aria-expanded={opened}
        >
          From, to
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          <TextInput
            type="datetime-local"
            label="From"
            value={since}
            onChange={(event) => setSince(event.currentTarget.value)}
          />
          <TextInput
            type="datetime-local"
            label="To"
            value={until}
            onChange={(event) => setUntil(event.currentTarget.value)}
            error={chosen ? undefined : "After the beginning, by 400 days at most"}
          />
          <Button
            disabled={!chosen}
            onClick={() => {
              if (chosen) onChoose(chosen.since, chosen.until);
              close();
            }}
          >
            Show
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** As an input of the browser has it: the viewer's clock, to the minute. */
function local(time: Date): string {
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
