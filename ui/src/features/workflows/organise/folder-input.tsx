import { Autocomplete } from "@mantine/core";
import { IconFolder } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { foldersQuery } from "../api";
import { readFolder } from "../folders";

interface Props {
  value: string;
  onChange: (value: string) => void;
}

/** A folder that there is, or a new one. */
export function FolderInput({ value, onChange }: Props) {
  const known = useQuery(foldersQuery).data ?? [];
  return (
    <Autocomplete
      label="Folder"
      description="Folders within folders are written with a slash; leave it empty for none."
      placeholder="sales/orders"
      leftSection={<IconFolder size={16} aria-hidden="true" />}
      data={known.map(({ name }) => name)}
      value={value}
      onChange={onChange}
      error={readFolder(value) === null ? "Names with a slash between them, ten at most." : undefined}
    />
  );
}
