import { TagsInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { roleNames } from "./api";

interface Props {
  value: string[];
  onChange: (roles: string[]) => void;
  disabled: boolean;
}

/** The roles that somebody has from here; what the identity provider says is said there. */
export function RolesInput({ value, onChange, disabled }: Props) {
  const known = useQuery(roleNames).data ?? [];
  return (
    <TagsInput
      label="Roles"
      description="What is shared with a role is shared with everybody who has it."
      placeholder={value.length === 0 ? "finance, on-call" : ""}
      data={known}
      value={value}
      onChange={onChange}
      disabled={disabled}
      maxTags={100}
      clearable
    />
  );
}
