/** A note on the canvas. Its Markdown is shown, and written after a double click. */
import { type NodeProps, NodeResizer } from "@xyflow/react";
import { lazy, memo, Suspense, useState } from "react";
import { useDrawing, useDrawingActions } from "./drawing";
import type { NoteElement } from "./elements";
import styles from "./frames.module.css";
import { paletteOf } from "./note-colors";

const NoteText = lazy(() => import("./note-text"));

export const Sticky = memo(function Sticky({ data: { note }, selected }: NodeProps<NoteElement>) {
  const actions = useDrawingActions();
  const detail = useDrawing((drawing) => drawing.detail);
  const [writing, setWriting] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: by keyboard a note is written by Enter or by the menu.
    <div
      className={styles.note}
      data-selected={selected || undefined}
      style={paletteOf(note.color)}
      onDoubleClick={(event) => {
        event.stopPropagation();
        setWriting(actions !== null);
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
            setWriting(false);
            if (text !== null && text !== note.text) actions.writeNote(note.id, text);
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

function NoteField({ text, done }: { text: string; done: (text: string | null) => void }) {
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
        event.stopPropagation();
        if (event.key === "Escape") done(null);
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.blur();
      }}
    />
  );
}
