/** What of the executions is shown; the address says it. */
import { Button, MultiSelect, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { STATUS_LOOKS } from "@/shared/ui/status-badge";
import { workflowNamesQuery } from "../api";
import { type ExecutionsSearch, isNarrowed, readExecutionsSearch, STATUSES, TRIGGER_KINDS } from "../search";
import styles from "./list.module.css";

interface Props {
  search: ExecutionsSearch;
  onSearch: (search: ExecutionsSearch) => void;
  oneWorkflow: boolean;
}

const TIMES = [
  { value: "1", label: "Last hour" },
  { value: "24", label: "Last 24 hours" },
  { value: "168", label: "Last 7 days" },
  { value: "720", label: "Last 30 days" },
];
const LENGTHS = [
  { value: "1", label: "Longer than 1 s" },
  { value: "10", label: "Longer than 10 s" },
  { value: "60", label: "Longer than 1 min" },
  { value: "600", label: "Longer than 10 min" },
];
const KINDS = Object.entries(TRIGGER_KINDS).map(([value, label]) => ({ value, label }));
const CHOICES = STATUSES.map((value) => ({ value, label: STATUS_LOOKS[value].label }));
const HOUR_MS = 3_600_000;

export function FilterBar({ search, onSearch, oneWorkflow }: Props) {
  const change = (more: Record<string, unknown>) => onSearch(readExecutionsSearch({ ...search, ...more }));
  const narrowed = isNarrowed(search);
  return (
    <div className={styles.filters}>
      <Find text={search.text ?? ""} onText={(text) => change({ text })} />
      <MultiSelect
        aria-label="Status"
        placeholder={search.status ? "" : "Any status"}
        data={CHOICES}
        value={search.status ?? []}
        onChange={(status) => change({ status })}
        clearable
      />
      {!oneWorkflow && (
        <WorkflowFilter value={search.workflow ?? null} onChange={(workflow) => change({ workflow })} />
      )}
      <MultiSelect
        aria-label="Started by"
        placeholder={search.kind ? "" : "Any trigger"}
        data={KINDS}
        value={search.kind ?? []}
        onChange={(kind) => change({ kind })}
        clearable
      />
      <Select
        aria-label="Time"
        placeholder={search.since ? "From a chosen time" : "Any time"}
        data={TIMES}
        value={presetOf(search)}
        onChange={(hours) => change({ since: hours ? since(Number(hours)) : undefined, until: undefined })}
        clearable
      />
      <Select
        aria-label="Duration"
        placeholder="Any duration"
        data={LENGTHS}
        value={search.least ? String(search.least) : null}
        onChange={(least) => change({ least: least ? Number(least) : undefined })}
        clearable
      />
      {narrowed && (
        <Button variant="subtle" onClick={() => onSearch({})}>
          Clear
        </Button>
      )}
    </div>
  );
}

function since(hours: number): string {
  return new Date(Math.floor(Date.now() / 60_000) * 60_000 - hours * HOUR_MS).toISOString();
}

/** The choice that a beginning in the address comes from, as long as it is near. */
function presetOf({ since: from, until }: ExecutionsSearch): string | null {
  if (!from || until) return null;
  const hours = (Date.now() - Date.parse(from)) / HOUR_MS;
  return TIMES.find((one) => Math.abs(Number(one.value) - hours) < 0.5)?.value ?? null;
}

function Find({ text, onText }: { text: string; onText: (text: string) => void }) {
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  const tell = useDebouncedCallback(onText, 300);
  return (
    <TextInput
      aria-label="Find executions"
      placeholder="Workflow, id or error"
      leftSection={<IconSearch size={16} aria-hidden="true" />}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        tell(event.currentTarget.value);
      }}
      className={styles.find}
    />
  );
}

function WorkflowFilter({
  value,
  onChange,
}: {
  value: string | null;
  onChange: (id: string | null) => void;
}) {
  const { data = [] } = useQuery(workflowNamesQuery);
  const known = data.map((one) => ({ value: one.workflow_id, label: one.name }));
  const all =
    value && !known.some((one) => one.value === value)
      ? [...known, { value, label: "This workflow" }]
      : known;
  return (
    <Select
      aria-label="Workflow"
      placeholder="All workflows"
      data={all}
      value={value}
      onChange={onChange}
      searchable
      clearable
      nothingFoundMessage="No workflow of that name"
    />
  );
}
