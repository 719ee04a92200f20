import { Group, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { type AuditSearch, CATEGORIES, SPANS } from "./filter";

interface Props {
  search: AuditSearch;
  onSearch: (search: Record<string, unknown>) => void;
}

const PAUSE_MS = 300;

/** What narrows the log down. */
export function FilterBar({ search, onSearch }: Props) {
  const later = useDebouncedCallback(onSearch, PAUSE_MS);
  const text = (name: "actor" | "action" | "result", label: string, placeholder: string) => (
    <TextInput
      key={name}
      label={label}
      placeholder={placeholder}
      defaultValue={search[name] ?? ""}
      onChange={(event) => later({ ...search, [name]: event.currentTarget.value })}
      w={{ base: "100%", xs: 180 }}
    />
  );
  return (
    <Group gap="sm" align="flex-end">
      <Select
        label="What about"
        placeholder="Everything"
        clearable
        data={[...CATEGORIES]}
        value={search.category ?? null}
        onChange={(category) => onSearch({ ...search, category })}
        w={{ base: "100%", xs: 170 }}
      />
      <Select
        label="When"
        placeholder="Any time"
        clearable
        data={SPANS.map(({ value, label }) => ({ value, label }))}
        value={search.hours ?? null}
        onChange={(hours) => onSearch({ ...search, hours })}
        w={{ base: "100%", xs: 150 }}
      />
      {text("actor", "Who", "a name")}
      {text("action", "Action", "workflow.publish")}
      {text("result", "Result", "success")}
    </Group>
  );
}
