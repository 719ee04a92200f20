/** A note on the canvas. Its Markdown is shown, and written after a double click or Enter. */

import { type NodeProps, NodeResizer } from "@xyflow/react";
import { lazy, memo, Suspense } from "react";
import { whenThere } from "@/shared/api/reach";
import { useDrawing, useDrawingActions } from "./drawing";
import type { NoteElement } from "./elements";
import styles from "./frames.module.css";
import { paletteOf } from "./note-colors";

const NoteText = lazy(() => whenThere(() => import("./note-text")));

export const Sticky = memo(function Sticky({ data: { note }, selected }: NodeProps<NoteElement>) {
  const actions = useDrawingActions();
  const detail = useDrawing((drawing) => drawing.detail);
  const writing = useDrawing((drawing) => drawing.writing === note.id);
  return (
    // biome-ignore lint/a11y/useSemanticElements: it is no set of fields.
    <div
      role="group"
      tabIndex={-1}
      aria-label={`Note: ${note.text || "empty"}`}
      data-annotation={note.id}
      className={styles.note}
      data-selected={selected || undefined}
      style={paletteOf(note.color)}
      onDoubleClick={(event) => {
        event.stopPropagation();
        actions?.write(note.id);
      }}
    >
      {actions && (
        <NodeResizer
          isVisible={selected && !writing}
          minWidth={96}
          minHeight={64}
          lineClassName={styles.resizeLine}
          handleClassName={styles.resizeHandle}
        />
      )}
      {writing && actions ? (
        <NoteField
          text={note.text}
          done={(text) => {
            actions.write(null);
            if (text !== note.text) actions.writeNote(note.id, text);
          }}
        />
      ) : (
        detail !== "least" && (
          <div className={styles.noteText}>
            {note.text ? (
              <Suspense fallback={note.text}>
                <NoteText text={note.text} />
              </Suspense>
            ) : (
              <span className={styles.noteEmpty}>{actions ? "Double-click to write" : ""}</span>
            )}
          </div>
        )
      )}
    </div>
  );
});

function NoteField({ text, done }: { text: string; done: (text: string) => void }) {
  return (
    <textarea
      className={`${styles.noteField} nodrag nopan nowheel`}
      defaultValue={text}
      aria-label="Text of the note, in Markdown"
      maxLength={10_000}
      ref={(field) => {
        field?.focus();
        field?.setSelectionRange(field.value.length, field.value.length);
      }}
      onBlur={(event) => done(event.currentTarget.value)}
      onKeyDown={(event) => {
        // What is typed is no key of the drawing; those of the page, as saving, stay so.
        const forPage = (event.ctrlKey || event.metaKey) && event.key !== "Enter";
        if (!forPage && event.key !== "F6") event.stopPropagation();
        if (forPage && event.key.toLowerCase() === "s") event.currentTarget.blur();
        // What was written stays: it can be undone.
        const ended = event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey));
        if (ended) event.currentTarget.blur();
      }}
    />
  );
}
