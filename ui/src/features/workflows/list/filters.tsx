import { CloseButton, Group, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { DEFAULT_SORT, type Sort, type StatusFilter, type WorkflowsSearch } from "../search";
import styles from "../workflows.module.css";

interface Props {
  search: WorkflowsSearch;
  onFilter: (change: Partial<WorkflowsSearch>) => void;
}

const STATES: readonly { value: StatusFilter | "all"; label: string }[] = [
  { value: "all", label: "In use" },
  { value: "published", label: "Published" },
  { value: "draft", label: "Drafts" },
  { value: "archived", label: "Archive" },
];
const SORTS: readonly { value: Sort; label: string }[] = [
  { value: "-updated_at", label: "Last changed" },
  { value: "-last_run", label: "Last run" },
  { value: "name", label: "Name, A to Z" },
  { value: "-name", label: "Name, Z to A" },
  { value: "-created_at", label: "Newest" },
];

/** What is looked for, above the list. */
export function Filters({ search, onFilter }: Props) {
  return (
    <Group gap="sm" mb="md" className={styles.filters}>
      <TextFilter value={search.q ?? ""} onChange={(q) => onFilter({ q })} />
      <SegmentedControl
        aria-label="State"
        data={[...STATES]}
        value={search.status ?? "all"}
        onChange={(status) => onFilter({ status: status === "all" ? undefined : (status as StatusFilter) })}
      />
      <Select
        aria-label="Order"
        w={160}
        allowDeselect={false}
        data={[...SORTS]}
        value={search.sort ?? DEFAULT_SORT}
        onChange={(sort) => onFilter({ sort: sort === DEFAULT_SORT ? undefined : (sort as Sort) })}
      />
    </Group>
  );
}

function TextFilter({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const [typed, setTyped] = useState(value);
  const tell = useDebouncedCallback(onChange, 250);
  useEffect(() => setTyped(value), [value]);
  const type = (text: string) => {
    setTyped(text);
    tell(text);
  };
  return (
    <TextInput
      className={styles.text}
      aria-label="Search workflows"
      placeholder="Search names, descriptions and tags"
      leftSection={<IconSearch size={16} aria-hidden="true" />}
      rightSection={typed && <CloseButton size="sm" aria-label="Clear the search" onClick={() => type("")} />}
      value={typed}
      onChange={(event) => type(event.currentTarget.value)}
    />
  );
}
