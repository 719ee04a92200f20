import { Alert, Button, Group, Modal, ScrollArea, SegmentedControl, Stack, Text } from "@mantine/core";
import { IconGitMerge } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { diff } from "@/graph/diff";
import { type Choice, type Conflict, merge } from "@/graph/merge";
import type { Workflow } from "@/graph/workflow";
import { shown, summaryOf } from "../compare/words";
import styles from "../versions.module.css";

interface Props {
  /** What both began with, what is here, and what somebody else has saved. */
  base: Workflow;
  mine: Workflow;
  theirs: Workflow;
  /** Of theirs; null where it is what is drawn here, and `mine` what was left in another tab. */
  revision: number | null;
  onMerge: (merged: Workflow) => void;
  /** Goes on with what the other saved, and drops what is here. */
  onTakeTheirs: () => void;
  onClose: () => void;
}

interface Words {
  readonly title: string;
  readonly mine: string;
  readonly theirs?: string;
  readonly drop: string;
  readonly sides: readonly [mine: string, theirs: string];
}

const SAVED: Words = {
  title: "Somebody else has saved this workflow",
  mine: "You changed",
  drop: "Drop my changes",
  sides: ["Mine", "Theirs"],
};
const LEFT: Words = {
  title: "What you left unsaved",
  mine: "There you changed",
  theirs: "Here was changed",
  drop: "Drop what was left",
  sides: ["There", "Here"],
};

/** Somebody else has saved meanwhile: what both changed is brought together, and conflicts are chosen one by one. */
export function MergeDialog({ base, mine, theirs, revision, onMerge, onTakeTheirs, onClose }: Props) {
  const [choices, setChoices] = useState<ReadonlyMap<string, Choice>>(new Map());
  const { merged, conflicts } = useMemo(
    () => merge(base, mine, theirs, choices),
    [base, mine, theirs, choices],
  );
  const open = conflicts.filter(({ key }) => !choices.has(key)).length;
  const words = revision === null ? LEFT : SAVED;
  const choose = (key: string, choice: Choice) => setChoices(new Map([...choices, [key, choice]]));
  return (
    <Modal opened onClose={onClose} size="xl" title={words.title}>
      <Stack gap="md">
        <dl className={styles.sides}>
          <div>
            <dt>{words.mine}</dt>
            <dd>{summaryOf(diff(base, mine))}</dd>
          </div>
          <div>
            <dt>{words.theirs ?? `Version ${revision} changed`}</dt>
            <dd>{summaryOf(diff(base, theirs))}</dd>
          </div>
        </dl>
        {conflicts.length === 0 ? (
          <Alert color="teal" icon={<IconGitMerge aria-hidden="true" />} title="Both fit together">
            Different things were changed. Merging keeps all of it; look at it, then save.
          </Alert>
        ) : (
          <>
            <Text size="sm">
              Both changed {conflicts.length === 1 ? "this" : `these ${conflicts.length} things`}. Choose what
              stays; all else is merged already.
            </Text>
            <ScrollArea.Autosize mah="45vh">
              <Stack gap="sm">
                {conflicts.map((conflict) => (
                  <ConflictCard
                    key={conflict.key}
                    conflict={conflict}
                    sides={words.sides}
                    choice={choices.get(conflict.key) ?? null}
                    onChoose={(choice) => choose(conflict.key, choice)}
                  />
                ))}
              </Stack>
            </ScrollArea.Autosize>
          </>
        )}
        <Group justify="space-between">
          <Button variant="subtle" color="red" onClick={onTakeTheirs}>
            {words.drop}
          </Button>
          <Group gap="sm">
            <Button variant="default" onClick={onClose}>
              Not now
            </Button>
            <Button
              leftSection={<IconGitMerge size={16} aria-hidden="true" />}
              disabled={open > 0}
              onClick={() => onMerge(merged)}
            >
              {open === 0 ? "Merge" : `${open} to choose`}
            </Button>
          </Group>
        </Group>
      </Stack>
    </Modal>
  );
}

interface ConflictProps {
  sides: Words["sides"];
  conflict: Conflict;
  choice: Choice | null;
  onChoose: (choice: Choice) => void;
}

function ConflictCard({ conflict, sides, choice, onChoose }: ConflictProps) {
  return (
    <div className={styles.conflict}>
      <Group justify="space-between" mb={8}>
        <Text size="sm" fw={600}>
          {conflict.what}
        </Text>
        <SegmentedControl
          size="xs"
          aria-label={conflict.what}
          data={[
            { value: "mine", label: sides[0] },
            { value: "theirs", label: sides[1] },
          ]}
          value={choice ?? ""}
          onChange={(chosen) => onChoose(chosen as Choice)}
        />
      </Group>
      <div className={styles.both}>
        <Side label={sides[0]} value={conflict.mine} chosen={choice === "mine"} />
        <Side label={sides[1]} value={conflict.theirs} chosen={choice === "theirs"} />
      </div>
    </div>
  );
}

function Side({ label, value, chosen }: { label: string; value: Conflict["mine"]; chosen: boolean }) {
  return (
    <div className={styles.side} data-chosen={chosen || undefined}>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <pre>{value === undefined ? "(taken away)" : shown(value) || "(empty)"}</pre>
    </div>
  );
}
