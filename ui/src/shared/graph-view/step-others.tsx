/** Others who have this step open as well: a sign that two may be about to change the same. */
import { colorOf, initialsOf } from "@/shared/ui/initials";
import styles from "./step.module.css";

const MOST = 3;

export function StepOthers({ names }: { names: readonly string[] }) {
  return (
    <span className={styles.others} aria-hidden="true" data-hint={`${names.join(", ")}: at this step`}>
      {names.slice(0, MOST).map((name) => (
        <span key={name} style={{ background: colorOf(name) }}>
          {initialsOf(name)}
        </span>
      ))}
    </span>
  );
}
