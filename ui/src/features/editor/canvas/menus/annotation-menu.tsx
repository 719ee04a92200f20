import { ColorSwatch, Group, Menu, UnstyledButton } from "@mantine/core";
import { IconArrowRight, IconCopy, IconSquareRoundedMinus, IconTrash } from "@tabler/icons-react";
import { setAnnotation } from "@/graph/commands/annotations";
import { NOTE_COLORS } from "@/shared/graph-view/note-colors";
import { useEditor, useEditorStore } from "../../store";
import { copySelected } from "../clipboard";
import { duplicateSelected, removeSelected, ungroupOne } from "../editing";
import { Entry } from "./entry";

/** On a note or a group. */
export function AnnotationMenu({ id }: { id: string }) {
  const store = useEditorStore();
  const readOnly = useEditor((state) => state.readOnly);
  const isGroup = useEditor(
    (state) => state.history.present.annotations?.groups?.some((group) => group.id === id) ?? false,
  );
  if (readOnly) return <Entry icon={IconCopy} label="Copy" onClick={() => void copySelected(store)} />;
  return (
    <>
      <Menu.Label>Colour</Menu.Label>
      <Group gap={6} px="sm" pb={6}>
        {NOTE_COLORS.map((color) => (
          <UnstyledButton
            key={color}
            aria-label={color}
            title={color}
            onClick={() => store.getState().change({ label: "Colour", apply: setAnnotation(id, { color }) })}
          >
            <ColorSwatch size={20} color={`var(--mantine-color-${color}-5)`} />
          </UnstyledButton>
        ))}
      </Group>
      <Menu.Divider />
      <Entry icon={IconCopy} label="Copy" keys="Ctrl C" onClick={() => void copySelected(store)} />
      <Entry icon={IconArrowRight} label="Duplicate" keys="Ctrl D" onClick={() => duplicateSelected(store)} />
      {isGroup && (
        <Entry icon={IconSquareRoundedMinus} label="Ungroup" onClick={() => ungroupOne(store, id)} />
      )}
      <Entry icon={IconTrash} label="Delete" keys="Del" danger onClick={() => removeSelected(store)} />
    </>
  );
}
