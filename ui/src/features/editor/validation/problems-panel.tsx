import { ActionIcon, Group, Text } from "@mantine/core";
import { IconCircleCheck, IconX } from "@tabler/icons-react";
import { useEditor } from "../store";
import { ProblemList } from "./problem-list";
import styles from "./problems.module.css";
import { countedInWords } from "./words";

/** Beneath the canvas: all that is wrong, while somebody wants to see it. */
export function ProblemsPanel() {
  const listing = useEditor(({ page }) => page.listing);
  const problems = useEditor((state) => state.problems);
  const setPage = useEditor((state) => state.setPage);
  if (!listing) return null;
  return (
    <section className={styles.panel} aria-label="Problems" data-part>
      <Group justify="space-between" className={styles.heading}>
        <Text size="sm" fw={620}>
          {countedInWords(problems)}
        </Text>
        <ActionIcon size={26} onClick={() => setPage({ listing: false })} aria-label="Hide the problems">
          <IconX size={16} />
        </ActionIcon>
      </Group>
      {problems.length === 0 ? (
        <Text size="sm" c="dimmed" className={styles.none}>
          <IconCircleCheck size={17} className={styles.fine} aria-hidden="true" /> Nothing is wrong: the
          workflow can be published.
        </Text>
      ) : (
        <ProblemList problems={problems} />
      )}
    </section>
  );
}
