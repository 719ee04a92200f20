/** The editor, for what the app puts into it: its store, and saving. */
export { type PanelSlots, PanelSlotsProvider, type ResultProps } from "./panel/slots";
export type { Stale } from "./stale";
export { isDirty, useEditor, useEditorStore } from "./store";
export { useSave } from "./use-save";
