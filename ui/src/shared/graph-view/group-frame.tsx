/** A group: a titled frame around nodes, moved by its title and resized by its edges. */
import { type NodeProps, NodeResizer } from "@xyflow/react";
import { memo } from "react";
import { useDrawing, useDrawingActions } from "./drawing";
import type { GroupElement } from "./elements";
import styles from "./frames.module.css";
import { paletteOf } from "./note-colors";

export const GroupFrame = memo(function GroupFrame({ data: { group }, selected }: NodeProps<GroupElement>) {
  const actions = useDrawingActions();
  const detail = useDrawing((drawing) => drawing.detail);
  const renaming = useDrawing((drawing) => drawing.writing === group.id);
  return (
    // biome-ignore lint/a11y/useSemanticElements: it is no set of fields.
    <div
      role="group"
      tabIndex={-1}
      aria-label={`Group: ${group.title || "without a title"}`}
      data-annotation={group.id}
      className={styles.group}
      data-selected={selected || undefined}
      data-detail={detail}
      style={paletteOf(group.color)}
    >
      {actions && (
        <NodeResizer
          isVisible={selected}
          minWidth={120}
          minHeight={80}
          lineClassName={styles.resizeLine}
          handleClassName={styles.resizeHandle}
        />
      )}
      {renaming && actions ? (
        <TitleField
          title={group.title}
          done={(title) => {
            actions.write(null);
            if (title !== null && title !== group.title) actions.renameGroup(group.id, title);
          }}
        />
      ) : (
        // biome-ignore lint/a11y/noStaticElementInteractions: by keyboard the title is changed by Enter.
        <div
          className={`${styles.groupTitle} wb-group-handle`}
          onDoubleClick={(event) => {
            event.stopPropagation();
            actions?.write(group.id);
          }}
        >
          {group.title || "Group"}
        </div>
      )}
    </div>
  );
});

function TitleField({ title, done }: { title: string; done: (title: string | null) => void }) {
  return (
    <input
      className={`${styles.titleField} nodrag nopan`}
      defaultValue={title}
      aria-label="Title of the group"
      maxLength={200}
      ref={(field) => field?.select()}
      onBlur={(event) => done(event.currentTarget.value.trim())}
      onKeyDown={(event) => {
        if (!(event.ctrlKey || event.metaKey) && event.key !== "F6") event.stopPropagation();
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") done(null);
      }}
    />
  );
}
