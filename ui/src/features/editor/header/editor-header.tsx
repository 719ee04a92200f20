/** The workflow's name and state, and the buttons that concern all of it, in the header of the page. */
import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconArrowForwardUp } from "@tabler/icons-react";
import type { MyWorkflow } from "@/shared/api/workflow";
import { HeaderSlot } from "@/shared/ui/header-slot";
import { isDirty, useEditor } from "../store";
import { useSave } from "../use-save";
import styles from "./header.module.css";
import { NameField } from "./name-field";
import { SavedState } from "./saved-state";

export function EditorHeader({ current }: { current: MyWorkflow }) {
  const saving = useSave(current);
  const dirty = useEditor(isDirty);
  const readOnly = useEditor((state) => state.readOnly);
  return (
    <>
      <HeaderSlot place="title">
        <div className={styles.title}>
          <NameField />
          <SavedState current={current} busy={saving.busy} />
        </div>
      </HeaderSlot>
      <HeaderSlot place="actions">
        <UndoButtons />
        {!readOnly && (
          <Button
            size="xs"
            variant={dirty ? "filled" : "default"}
            loading={saving.busy}
            onClick={saving.save}
          >
            Save
          </Button>
        )}
      </HeaderSlot>
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
        <ActionIcon size={32} disabled={!past} onClick={undo} aria-label="Undo">
          <IconArrowBackUp size={18} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={future ? `Redo: ${future}` : "Nothing to redo"}>
        <ActionIcon size={32} disabled={!future} onClick={redo} aria-label="Redo">
          <IconArrowForwardUp size={18} />
        </ActionIcon>
      </Tooltip>
    </ActionIcon.Group>
  );
}
