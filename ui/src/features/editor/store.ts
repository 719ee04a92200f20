/** The workflow that is being edited: its history, what is selected, and what is known about it. One store per page. */
import { createContext, useContext } from "react";
import { createStore, type StoreApi, useStore } from "zustand";
import { begin, type History, record, redo, undo } from "@/graph/history";
import type { NodeTypes } from "@/graph/node-type";
import type { RunStates } from "@/graph/run-state";
import { NOTHING, type Selection } from "@/graph/selection";
import type { Workflow } from "@/graph/workflow";

/** A change of a workflow: a pure function of src/graph/commands, and what it is called in the list of changes. */
export interface Change {
  readonly label: string;
  readonly apply: (workflow: Workflow) => Workflow;
  /** Changes with one key that follow each other are undone together, as keystrokes in one field. */
  readonly key?: string;
}

export interface EditorState {
  readonly workflowId: string;
  readonly nodeTypes: NodeTypes;
  readonly readOnly: boolean;
  readonly history: History<Workflow>;
  /** What the server has: the revision, and the definition that it holds. */
  readonly saved: { readonly revision: number; readonly workflow: Workflow };
  readonly selection: Selection;
  readonly runStates: RunStates;
  change(change: Change): void;
  undo(): void;
  redo(): void;
  select(selection: Partial<Selection>): void;
  markSaved(revision: number, workflow: Workflow): void;
  showRun(states: RunStates): void;
}

export type EditorStore = StoreApi<EditorState>;

interface Opened {
  workflowId: string;
  nodeTypes: NodeTypes;
  revision: number;
  workflow: Workflow;
  readOnly: boolean;
}

export function createEditorStore(opened: Opened): EditorStore {
  return createStore<EditorState>((set) => ({
    workflowId: opened.workflowId,
    nodeTypes: opened.nodeTypes,
    readOnly: opened.readOnly,
    history: begin(opened.workflow),
    saved: { revision: opened.revision, workflow: opened.workflow },
    selection: NOTHING,
    runStates: new Map(),
    change: ({ label, apply, key }) =>
      set(({ history, readOnly }) =>
        readOnly ? {} : { history: record(history, apply(history.present), label, key) },
      ),
    undo: () => set(({ history }) => ({ history: undo(history) })),
    redo: () => set(({ history }) => ({ history: redo(history) })),
    select: (selection) => set({ selection: { ...NOTHING, ...selection } }),
    markSaved: (revision, workflow) => set({ saved: { revision, workflow } }),
    showRun: (runStates) => set({ runStates }),
  }));
}

const StoreContext = createContext<EditorStore | null>(null);
export const EditorStoreProvider = StoreContext.Provider;

export function useEditorStore(): EditorStore {
  const store = useContext(StoreContext);
  if (store === null) throw new Error("useEditor is used outside of an EditorStoreProvider.");
  return store;
}

/** Part of the editor's state; the component is drawn again when that part changes. */
export function useEditor<Part>(part: (state: EditorState) => Part): Part {
  return useStore(useEditorStore(), part);
}

/** Whether there is something that the server does not have. */
export function isDirty(state: EditorState): boolean {
  return state.history.present !== state.saved.workflow;
}
