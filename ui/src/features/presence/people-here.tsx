/** Who else has this workflow open. Nothing while nobody does. */
import { Popover, UnstyledButton } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { type Person, useBeingPresent, usePeople } from "@/shared/live/presence";
import { colorOf, initialsOf } from "@/shared/ui/initials";
import styles from "./people-here.module.css";

const MOST = 3;

export function PeopleHere({ workflowId }: { workflowId: string }) {
  useBeingPresent(workflowId);
  const people = usePeople();
  if (people.length === 0) return null;
  const more = people.length - MOST;
  return (
    <Popover position="bottom-end" shadow="md" withinPortal>
      <Popover.Target>
        <UnstyledButton className={styles.people} aria-label={`Also here: ${people.map(said).join(", ")}`}>
          {people.slice(0, MOST).map((person) => (
            <Avatar key={person.key} person={person} />
          ))}
          {more > 0 && <span className={styles.more} data-text={`+${more}`} />}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <ul className={styles.list} aria-label="Also here">
          {people.map((person) => (
            <li key={person.key}>
              <Avatar person={person} />
              <span>
                <span className={styles.name}>{person.you ? "You, in another tab" : person.name}</span>
                <span className={styles.doing}>
                  {person.editing ? "Has changes that are not saved" : "Looks at this workflow"}
                </span>
              </span>
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}

function Avatar({ person: { name, editing } }: { person: Person }) {
  return (
    <span
      className={styles.avatar}
      style={{ background: colorOf(name) }}
      data-text={initialsOf(name)}
      aria-hidden="true"
    >
      {editing && (
        <span className={styles.pencil}>
          <IconPencil size={10} stroke={2.5} />
        </span>
      )}
    </span>
  );
}

function said({ name, you, editing }: Person): string {
  return `${you ? "you, in another tab" : name}${editing ? " (editing)" : ""}`;
}
