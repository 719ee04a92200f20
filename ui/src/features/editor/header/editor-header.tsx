/** The workflow's name and state, and the buttons that concern all of it, in the header of the page. */
import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconArrowForwardUp } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { MyWorkflow } from "@/shared/api/workflow";
import { HeaderSlot } from "@/shared/ui/header-slot";
import type { Desk } from "../actions/table";
import { isDirty, useEditor } from "../store";
import { ProblemsButton } from "../validation/problems-button";
import { EditorMenu } from "./editor-menu";
import styles from "./header.module.css";
import { NameField } from "./name-field";
import { SavedState } from "./saved-state";

interface Props {
  current: MyWorkflow;
  desk: Desk;
  /** Of other features, as running. */
  tools?: ReactNode;
}

export function EditorHeader({ current, desk, tools }: Props) {
  const readOnly = useEditor((state) => state.readOnly);
  return (
    <>
      <HeaderSlot place="title">
        <div className={styles.title}>
          <NameField />
          <SavedState current={current} busy={desk.saving.busy} />
        </div>
      </HeaderSlot>
      <HeaderSlot place="actions">
        {!readOnly && <UndoButtons />}
        <ProblemsButton />
        {tools}
        {!readOnly && <SaveButtons current={current} desk={desk} />}
        <EditorMenu desk={desk} />
      </HeaderSlot>
    </>
  );
}

function SaveButtons({ current, desk }: { current: MyWorkflow; desk: Desk }) {
  const dirty = useEditor(isDirty);
  const setPage = useEditor((state) => state.setPage);
  const published = current.status === "published" && current.revision === current.published_revision;
  return (
    <>
      <Tooltip label={dirty ? "Ctrl+S" : "All is saved"}>
        <Button
          size="xs"
          variant="default"
          disabled={!dirty}
          loading={desk.saving.busy}
          onClick={() => void desk.saving.save()}
        >
          Save
        </Button>
      </Tooltip>
      <Button size="xs" disabled={published && !dirty} onClick={() => setPage({ dialog: "publish" })}>
        Publish
      </Button>
    </>
  );
}

function UndoButtons() {
  const past = useEditor(({ history }) => history.past?.label);
  const future = useEditor(({ history }) => history.future?.label);
  const undo = useEditor((state) => state.undo);
  const redo = useEditor((state) => state.redo);
  return (
    <ActionIcon.Group>
      <Tooltip label={past ? `Undo: ${past}` : "Nothing to undo"}>
        <ActionIcon size={30} disabled={!past} onClick={undo} aria-label="Undo">
          <IconArrowBackUp size={18} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={future ? `Redo: ${future}` : "Nothing to redo"}>
        <ActionIcon size={30} disabled={!future} onClick={redo} aria-label="Redo">
          <IconArrowForwardUp size={18} />
        </ActionIcon>
      </Tooltip>
    </ActionIcon.Group>
  );
}
