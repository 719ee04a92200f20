/** Choosing people by user name, or writing whom else: a role, a community, an address of somebody without an account. */
import { TagsInput, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { PickerProps } from "@/shared/schema-form/form-context";
import { textsOf } from "@/shared/schema-form/schema";
import { MOST_PEOPLE, peopleQuery } from "./api";
import { accountOf, isFound, type Person, unknownAmong } from "./people";

const NOBODY: readonly Person[] = [];

export function PeoplePicker({ id, value, onChange, many, invalid, readOnly }: PickerProps) {
  const found = useQuery(peopleQuery).data;
  const people = found ?? NOBODY;
  const byName = new Map(people.map((one) => [one.username, one]));
  const texts = Array.isArray(value) ? textsOf(value) : typeof value === "string" && value ? [value] : [];
  return (
    <div>
      <TagsInput
        id={id}
        value={texts}
        onChange={(next) =>
          onChange(next.length === 0 ? undefined : many || next.length > 1 ? next : next[0])
        }
        data={[...byName.keys()]}
        filter={({ options, search }) =>
          options.filter((option) => {
            const person = "value" in option ? byName.get(option.value) : undefined;
            return person === undefined || isFound(person, search);
          })
        }
        renderOption={({ option }) => <Named person={byName.get(String(option.value))} />}
        placeholder={texts.length === 0 ? "A user name, role:finance, or an address" : ""}
        readOnly={readOnly}
        error={invalid}
        acceptValueOnBlur
      />
      {found && found.length < MOST_PEOPLE && <Told texts={texts} people={people} />}
    </div>
  );
}

function Named({ person }: { person: Person | undefined }) {
  if (person === undefined) return null;
  return (
    <span>
      {person.display_name || person.username}{" "}
      <Text span size="xs" c="dimmed">
        {[person.username, person.email].filter(Boolean).join(", ")}
      </Text>
    </span>
  );
}

/** What would reach nobody in the app. */
function Told({ texts, people }: { texts: readonly string[]; people: readonly Person[] }) {
  const unknown = unknownAmong(texts, people);
  const addresses = texts.flatMap((text) => {
    const name = accountOf(text, people);
    return name === null
      ? []
      : [`${text} is ${name} here: write the user name, so that it is in their inbox.`];
  });
  const lines = [...unknown.map((text) => `Nobody here has the user name “${text}”.`), ...addresses];
  if (lines.length === 0) return null;
  return (
    <Text size="xs" c="var(--mantine-color-orange-light-color)" mt={4} role="status">
      {lines.join(" ")}
    </Text>
  );
}
