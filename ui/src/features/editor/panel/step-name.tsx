/** The name of a step, to be changed in place. Empty, it is called as its type is; Escape takes back what was typed. */
import { type KeyboardEvent, useRef, useState } from "react";
import type { WorkflowNode } from "@/graph/workflow";
import { QuietInput } from "@/shared/ui/quiet-input";
import { type EditorStore, useEditor } from "../store";
import classes from "./panel.module.css";
import { useNodeChanges } from "./use-change";

const MARK = "data-step-name";

interface Props {
  node: WorkflowNode;
  /** What its type is called. */
  title: string;
}

export function StepName({ node, title }: Props) {
  const changes = useNodeChanges(node.id);
  const readOnly = useEditor((state) => state.readOnly);
  const [typed, setTyped] = useState<string | null>(null);
  // The field is left before what Escape has taken back is drawn anew.
  const latest = useRef<string | null>(null);
  const type = (name: string | null) => {
    latest.current = name;
    setTyped(name);
  };
  const finish = () => {
    const chosen = latest.current?.trim();
    type(null);
    if (chosen !== undefined && chosen !== (node.name ?? "")) changes.field("name", chosen || undefined);
  };

  function pressed(event: KeyboardEvent<HTMLInputElement>): void {
    if (event.key === "Enter") event.currentTarget.blur();
    else if (event.key === "Escape") {
      type(null);
      event.currentTarget.blur();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <QuietInput
      {...{ [MARK]: "" }}
      aria-label="Name of the step"
      title={node.name || title}
      look={classes.name}
      readOnly={readOnly}
      value={typed ?? (node.name || title)}
      onFocus={(event) => !readOnly && event.currentTarget.select()}
      onChange={(event) => type(event.currentTarget.value)}
      onBlur={finish}
      onKeyDown={pressed}
    />
  );
}

/** Opens the panel of a step with the focus on its name. */
export function renameStep(store: EditorStore, id: string, tries = 12): void {
  if (tries === 12) store.getState().show(id);
  requestAnimationFrame(() => {
    const field = document.querySelector<HTMLInputElement>(`[${MARK}]`);
    if (field !== null) field.focus();
    else if (tries > 0) renameStep(store, id, tries - 1);
  });
}
