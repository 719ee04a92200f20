/** Choosing a workflow, nodes of this workflow, and time zones. */
import { Anchor, MultiSelect, Select, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { PickerProps } from "@/shared/schema-form/form-context";
import { textsOf } from "@/shared/schema-form/schema";
import { useEditor } from "../../store";
import { usePanelSlots } from "../slots";
import { publishedQuery, workflowNameQuery } from "./api";

export function WorkflowPicker({ id, value, onChange, invalid, readOnly }: PickerProps) {
  const chosen = typeof value === "string" ? value : null;
  const [words, setWords] = useState("");
  const [searched] = useDebouncedValue(words, 200);
  const name = useQuery(workflowNameQuery(chosen));
  // What is written in the field after a choice is its name, and no search.
  const found = useQuery(publishedQuery(searched === name.data ? "" : searched.trim()));
  const { workflowHref } = usePanelSlots();
  const options = (found.data ?? []).map((one) => ({ value: one.workflow_id, label: one.name }));
  const known = chosen === null || options.some((one) => one.value === chosen);
  return (
    <div>
      <Select
        id={id}
        data={known ? options : [...options, { value: chosen, label: name.data ?? chosen }]}
        value={chosen}
        onChange={(next) => onChange(next ?? undefined)}
        searchValue={words}
        onSearchChange={setWords}
        filter={({ options: all }) => all}
        placeholder={found.isPending ? "Loading…" : "Search published workflows"}
        nothingFoundMessage="No published workflow of this name"
        searchable
        clearable
        disabled={readOnly}
        error={invalid}
      />
      {chosen && name.isError && (
        <Text size="xs" c="red" mt={4} role="alert">
          There is no such workflow, or it is not for you. Choose another one.
        </Text>
      )}
      {chosen && !name.isError && workflowHref && (
        <Anchor size="xs" mt={4} href={workflowHref(chosen)} target="_blank" rel="noreferrer">
          Open this workflow in a new tab
        </Anchor>
      )}
    </div>
  );
}

export function NodesPicker({ id, value, onChange, many, invalid, readOnly }: PickerProps) {
  const nodes = useEditor((state) => state.history.present.nodes);
  const types = useEditor((state) => state.nodeTypes);
  const data = nodes.map((node) => {
    const name = node.name || types.get(node.type)?.title || node.id;
    return { value: node.id, label: name === node.id ? name : `${name} (${node.id})` };
  });
  const shared = {
    id,
    data,
    disabled: readOnly,
    error: invalid,
    searchable: true,
    placeholder: "Choose nodes",
  };
  if (!many)
    return (
      <Select
        {...shared}
        value={typeof value === "string" ? value : null}
        onChange={(next) => onChange(next ?? undefined)}
      />
    );
  return <MultiSelect {...shared} value={textsOf(value)} onChange={(next) => onChange(next)} />;
}

export function ZonePicker({ id, value, onChange, invalid, readOnly }: PickerProps) {
  return (
    <Select
      id={id}
      data={["UTC", ...Intl.supportedValuesOf("timeZone")]}
      value={typeof value === "string" ? value : null}
      onChange={(next) => onChange(next ?? undefined)}
      placeholder="That of the installation"
      searchable
      clearable
      limit={60}
      disabled={readOnly}
      error={invalid}
    />
  );
}
