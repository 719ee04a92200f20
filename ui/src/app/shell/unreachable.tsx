import { IconPlugConnectedX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { reach } from "@/shared/api/reach";
import styles from "./unreachable.module.css";

/** A single answer that was lost on its way is not worth a word. */
const GRACE_MS = 2_000;

/** Says that the server does not answer, while it does not. */
export function Unreachable() {
  const silent = useStore(reach, ({ answers }) => !answers);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(silent), silent ? GRACE_MS : 0);
    return () => clearTimeout(timer);
  }, [silent]);
  return (
    <div role="status" className={styles.place}>
      {shown && (
        <p className={styles.words}>
          <IconPlugConnectedX size={16} aria-hidden="true" />
          Wingbeat does not answer. It is tried again every few seconds; what you draw is kept.
        </p>
      )}
    </div>
  );
}
