import {
  Button,
  Group,
  Modal,
  NumberInput,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  TextInput,
} from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ErrorState } from "@/shared/ui/error-state";
import type { ScheduleBody } from "./api";
import { CronInput } from "./cron-input";
import { IntervalInput } from "./interval-input";
import { NextRuns } from "./next-runs";

interface Props {
  title: string;
  initial: ScheduleBody;
  submit: string;
  pending: boolean;
  error: Error | null;
  onSubmit: (body: ScheduleBody) => void;
  onClose: () => void;
}

const POLICIES = [
  { value: "skip", label: "Nothing: they are skipped" },
  { value: "once", label: "One run for all of them" },
  { value: "all", label: "One run for each" },
];

/** Making a schedule, or changing one, with the runs that it would have. */
export function ScheduleForm({ title, initial, submit, pending, error, onSubmit, onClose }: Props) {
  const [body, setBody] = useState(initial);
  const change = (part: Partial<ScheduleBody>) => setBody({ ...body, ...part });
  const { cron_expression, interval_seconds, timezone, start_at, end_at, jitter_seconds } = body;
  const byInterval = interval_seconds != null;
  function send(event: FormEvent): void {
    event.preventDefault();
    onSubmit({ ...body, name: body.name.trim() });
  }
  return (
    <Modal opened onClose={onClose} title={title} size="lg">
      <form onSubmit={send}>
        <Stack gap="md">
          <TextInput
            label="Name"
            withAsterisk
            data-autofocus
            value={body.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
          <SegmentedControl
            aria-label="By what"
            value={byInterval ? "interval" : "clock"}
            onChange={(chosen) =>
              change(
                chosen === "interval"
                  ? { interval_seconds: 3600, cron_expression: null }
                  : { interval_seconds: null, cron_expression: "0 9 * * 1-5" },
              )
            }
            data={[
              { value: "clock", label: "At times of the clock" },
              { value: "interval", label: "At intervals" },
            ]}
          />
          {byInterval ? (
            <IntervalInput
              seconds={interval_seconds}
              onChange={(seconds) => change({ interval_seconds: seconds })}
            />
          ) : (
            <CronInput value={cron_expression ?? ""} onChange={(cron) => change({ cron_expression: cron })} />
          )}
          <Select
            label="Time zone"
            description="By whose clock: times stay the same there when summer time begins or ends"
            searchable
            allowDeselect={false}
            data={zones(timezone)}
            value={timezone ?? "UTC"}
            onChange={(zone) => change({ timezone: zone })}
          />
          <NextRuns
            times={{ cron_expression, interval_seconds, timezone, start_at, end_at, jitter_seconds }}
          />
          <Group grow align="flex-start">
            <Select
              label="Times at which nothing could run"
              data={POLICIES}
              allowDeselect={false}
              value={body.misfire_policy ?? "skip"}
              onChange={(policy) => change({ misfire_policy: policy as ScheduleBody["misfire_policy"] })}
            />
            <NumberInput
              label="Runs at once, at most"
              min={1}
              max={1000}
              allowDecimal={false}
              placeholder="As the installation says"
              value={body.max_instances ?? ""}
              onChange={(value) => change({ max_instances: value === "" ? null : Number(value) })}
            />
          </Group>
          <Switch
            label="On"
            checked={body.enabled ?? true}
            onChange={(event) => change({ enabled: event.currentTarget.checked })}
          />
          {error && <ErrorState error={error} doing="save the schedule" />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={pending} disabled={body.name.trim() === ""}>
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function zones(chosen: string | null | undefined): string[] {
  const known = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((one) => one !== "UTC")];
  return chosen && !known.includes(chosen) ? [chosen, ...known] : known;
}
