/** The workflow that is being edited: its history, what is selected, and what is known about it. One store per page. */
import { createContext, useContext } from "react";
import { createStore, type StoreApi, useStore } from "zustand";
import { connectionId } from "@/graph/connections";
import { begin, type History, record, redo, undo } from "@/graph/history";
import type { NodeTypes } from "@/graph/node-type";
import { type Problem, settle } from "@/graph/problems";
import type { RunStates } from "@/graph/run-state";
import { NOTHING, type Selection } from "@/graph/selection";
import type { Connection, Position, Workflow } from "@/graph/workflow";

/** A change of a workflow: a pure function of src/graph/commands, and what it is called in the list of changes. */
export interface Change {
  readonly label: string;
  readonly apply: (workflow: Workflow) => Workflow;
  /** Changes with one key that follow each other are undone together, as keystrokes in one field. */
  readonly key?: string;
}

/** What can be done with the view of the drawing; the canvas sets it while it is there. */
export interface CanvasHandle {
  fitView(): void;
  zoomIn(): void;
  zoomOut(): void;
  /** Shows these nodes, and nothing much besides. */
  center(nodes: readonly string[]): void;
  /** Moves the view just so far that this node is seen. */
  follow(node: string): void;
  /** Where in the drawing something new goes: where the pointer was last, or the middle of what is seen. */
  place(): Position;
  /** Begins to write the words of a note or a group. */
  write(annotation: string): void;
}

/** A place that somebody wants to see: the canvas shows the node, the panel opens the parameter. */
export interface Reveal {
  readonly node: string;
  /** A dotted path, as `cases.0.when`. */
  readonly parameter: string | null;
  /** Whether the focus goes there as well: to its parameters. */
  readonly into?: boolean;
}

/** What of the page is open beside the drawing. */
export interface PageState {
  readonly dialog: "shortcuts" | "settings" | "message" | "publish" | "import" | null;
  readonly finding: boolean;
  /** Whether the problems are listed. */
  readonly listing: boolean;
}

export interface EditorState {
  readonly workflowId: string;
  readonly nodeTypes: NodeTypes;
  readonly readOnly: boolean;
  readonly history: History<Workflow>;
  /** What the server has: the revision, the value in the history that was saved, and the definition as it is kept. */
  readonly saved: { readonly revision: number; readonly workflow: Workflow; readonly definition: Workflow };
  readonly selection: Selection;
  readonly runStates: RunStates;
  readonly problems: readonly Problem[];
  /** A new object each time; null at first. */
  readonly reveal: Reveal | null;
  readonly canvas: CanvasHandle | null;
  readonly page: PageState;
  change(change: Change): void;
  undo(): void;
  redo(): void;
  select(selection: Partial<Selection>): void;
  /** Selects a node and shows it, or one of its parameters. */
  show(node: string, parameter?: string | null): void;
  /** Selects a connection and shows both its ends. */
  showConnection(connection: Connection): void;
  /** Selects a node and goes to its parameters. */
  enter(node: string): void;
  markSaved(revision: number, workflow: Workflow, definition?: Workflow): void;
  /** Goes on with what somebody else has saved, or with a merge with it; it can be undone. */
  adopt(label: string, workflow: Workflow, saved: { revision: number; definition: Workflow }): void;
  setProblems(problems: readonly Problem[]): void;
  showRun(states: RunStates): void;
  setCanvas(canvas: CanvasHandle | null): void;
  setPage(page: Partial<PageState>): void;
}

export type EditorStore = StoreApi<EditorState>;

interface Opened {
  workflowId: string;
  nodeTypes: NodeTypes;
  revision: number;
  workflow: Workflow;
  /** As the server has it, where that is not what is drawn. */
  definition?: Workflow;
  readOnly: boolean;
}

export function createEditorStore(opened: Opened): EditorStore {
  const { workflowId, nodeTypes, readOnly, revision, workflow, definition = workflow } = opened;
  return createStore<EditorState>((set, get) => ({
    workflowId,
    nodeTypes,
    readOnly,
    history: begin(workflow),
    saved: { revision, workflow, definition },
    selection: NOTHING,
    runStates: new Map(),
    problems: [],
    reveal: null,
    canvas: null,
    page: { dialog: null, finding: false, listing: false },
    change: ({ label, apply, key }) =>
      set((state) =>
        state.readOnly ? {} : { history: record(state.history, apply(state.history.present), label, key) },
      ),
    undo: () => set(({ history }) => ({ history: undo(history) })),
    redo: () => set(({ history }) => ({ history: redo(history) })),
    select: (selection) => set({ selection: { ...NOTHING, ...selection } }),
    show: (node, parameter = null) =>
      set({ selection: { ...NOTHING, nodes: new Set([node]) }, reveal: { node, parameter } }),
    showConnection: (connection) => {
      const { history, select, canvas } = get();
      const ids = new Set(history.present.nodes.map(({ id }) => id));
      select({ connections: new Set([connectionId(connection)]) });
      canvas?.center([connection.from, connection.to].filter((id) => ids.has(id)));
    },
    enter: (node) =>
      set({
        selection: { ...NOTHING, nodes: new Set([node]) },
        reveal: { node, parameter: null, into: true },
      }),
    markSaved: (saved, sent, definition = sent) =>
      set({ saved: { revision: saved, workflow: sent, definition } }),
    adopt: (label, adopted, { revision: theirs, definition }) =>
      set(({ history }) => ({
        history: record(history, adopted, label),
        saved: { revision: theirs, workflow: definition, definition },
      })),
    setProblems: (found) => set(({ problems }) => ({ problems: settle(problems, found) })),
    showRun: (runStates) => set({ runStates }),
    setCanvas: (canvas) => set({ canvas }),
    setPage: (shown) => set(({ page }) => ({ page: { ...page, ...shown } })),
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
