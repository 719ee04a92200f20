import { UnstyledButton } from "@mantine/core";
import { IconHelpCircle } from "@tabler/icons-react";
import { HelpMenu } from "@/features/welcome";
import { links } from "../links";
import styles from "./shell.module.css";

/** Help, in the bar. */
export function Help() {
  return (
    <HelpMenu
      templates={links.templates}
      target={
        <UnstyledButton className={styles.place} aria-label="Help">
          <IconHelpCircle size={21} stroke={1.7} aria-hidden="true" />
          <span className={styles.label}>Help</span>
        </UnstyledButton>
      }
    />
  );
}
