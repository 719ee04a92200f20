import { Group } from "@mantine/core";
import { type ReactNode, useId } from "react";
import styles from "./dashboard.module.css";

interface Props {
  title: string;
  /** Beside the title, at the right. */
  aside?: ReactNode;
  /** Whether it needs a row of its own on a phone. */
  broad?: boolean;
  children: ReactNode;
}

/** A part of the dashboard, with its title. */
export function Card({ title, aside, broad = false, children }: Props) {
  const id = useId();
  return (
    <section className={styles.card} data-broad={broad || undefined} aria-labelledby={id}>
      <Group justify="space-between" wrap="nowrap" mih={26}>
        <h2 className={styles.title} id={id}>
          {title}
        </h2>
        {aside}
      </Group>
      {children}
    </section>
  );
}
