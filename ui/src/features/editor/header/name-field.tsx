import { useState } from "react";
import { QuietInput } from "@/shared/ui/quiet-input";
import { useEditor } from "../store";
import styles from "./header.module.css";

/** The workflow's name, to be changed in place. Escape takes it back; an empty one is not taken. */
export function NameField() {
  const name = useEditor(({ history }) => history.present.name);
  const readOnly = useEditor((state) => state.readOnly);
  const change = useEditor((state) => state.change);
  const [typed, setTyped] = useState<string | null>(null);

  const finish = () => {
    const chosen = typed?.trim();
    setTyped(null);
    if (chosen && chosen !== name) {
      change({ label: "Rename the workflow", apply: (workflow) => ({ ...workflow, name: chosen }) });
    }
  };
  return (
    <QuietInput
      aria-label="Name of the workflow"
      look={styles.name}
      value={typed ?? name}
      readOnly={readOnly}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={finish}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") setTyped(null);
      }}
    />
  );
}
