/** All that can be done in the editor, in one table: its keys, the command palette and the list of keys come from here. */

import { spotlight } from "@mantine/spotlight";
import { type Axis, align, distribute, type Edge, snap } from "@/graph/commands/arrange";
import { arrange } from "@/graph/layout";
import { downloadDefinition } from "@/shared/drafts/download";
import { layOut } from "@/shared/graph-view/lay-out";
import { notifyError } from "@/shared/ui/notify";
import {
  addNoteAt,
  duplicateSelected,
  groupSelected,
  removeSelected,
  selectAll,
  toggleDisabled,
} from "../canvas/editing";
import { renameStep } from "../panel/step-name";
import type { EditorState, EditorStore } from "../store";
import type { Saving } from "../use-save";
import { goToPart } from "./parts";

/** What actions work on. */
export interface Desk {
  readonly store: EditorStore;
  readonly saving: Saving;
}

export type ActionGroup = "Workflow" | "Edit" | "Arrange" | "View";

export interface Action {
  readonly label: string;
  readonly group: ActionGroup;
  /** As `mod+S`, where `mod` is Ctrl or ⌘. */
  readonly keys?: readonly string[];
  /** Also while somebody types in a field. */
  readonly inFields?: boolean;
  /** The canvas listens for its keys itself: they are only shown. */
  readonly onCanvas?: boolean;
  /** Whether it can be done now; left out, it always can. */
  readonly isFor?: (state: EditorState) => boolean;
  readonly run: (desk: Desk) => void;
}

const editable = (state: EditorState) => !state.readOnly;
const withNodes = (least: number) => (state: EditorState) =>
  !state.readOnly && state.selection.nodes.size >= least;
const withSelection = ({ readOnly, selection }: EditorState) =>
  !readOnly && selection.nodes.size + selection.annotations.size > 0;

const WORKFLOW: readonly Action[] = [
  {
    label: "Save",
    group: "Workflow",
    keys: ["mod+S"],
    inFields: true,
    isFor: editable,
    run: ({ saving }) => void saving.save(),
  },
  {
    label: "Save with a message",
    group: "Workflow",
    isFor: editable,
    run: ({ store }) => store.getState().setPage({ dialog: "message" }),
  },
  {
    label: "Publish",
    group: "Workflow",
    keys: ["mod+shift+S"],
    inFields: true,
    isFor: editable,
    run: ({ store }) => store.getState().setPage({ dialog: "publish" }),
  },
  {
    label: "Settings",
    group: "Workflow",
    keys: ["mod+,"],
    inFields: true,
    run: ({ store }) => store.getState().setPage({ dialog: "settings" }),
  },
  {
    label: "Export as JSON",
    group: "Workflow",
    run: ({ store }) => downloadDefinition(store.getState().history.present),
  },
  {
    label: "Import JSON",
    group: "Workflow",
    isFor: editable,
    run: ({ store }) => store.getState().setPage({ dialog: "import" }),
  },
];

const EDIT: readonly Action[] = [
  {
    label: "Undo",
    group: "Edit",
    keys: ["mod+Z"],
    isFor: ({ history }) => history.past !== null,
    run: ({ store }) => store.getState().undo(),
  },
  {
    label: "Redo",
    group: "Edit",
    keys: ["mod+shift+Z", "mod+Y"],
    isFor: ({ history }) => history.future !== null,
    run: ({ store }) => store.getState().redo(),
  },
  {
    label: "Select all",
    group: "Edit",
    keys: ["mod+A"],
    onCanvas: true,
    run: ({ store }) => selectAll(store),
  },
  {
    label: "Rename the step",
    group: "Edit",
    keys: ["F2"],
    isFor: ({ readOnly, selection }) => !readOnly && selection.nodes.size === 1,
    run: ({ store }) => {
      for (const id of store.getState().selection.nodes) renameStep(store, id);
    },
  },
  {
    label: "Duplicate",
    group: "Edit",
    keys: ["mod+D"],
    onCanvas: true,
    isFor: withSelection,
    run: ({ store }) => duplicateSelected(store),
  },
  {
    label: "Disable or enable",
    group: "Edit",
    keys: ["D"],
    onCanvas: true,
    isFor: withNodes(1),
    run: ({ store }) => toggleDisabled(store, store.getState().selection.nodes),
  },
  {
    label: "Group",
    group: "Edit",
    keys: ["mod+G"],
    onCanvas: true,
    isFor: withSelection,
    run: ({ store }) => groupSelected(store),
  },
  {
    label: "Write a note",
    group: "Edit",
    isFor: editable,
    run: ({ store }) => addNoteAt(store, store.getState().canvas?.place() ?? { x: 0, y: 0 }),
  },
  {
    label: "Delete",
    group: "Edit",
    keys: ["Delete", "Backspace"],
    onCanvas: true,
    isFor: ({ readOnly, selection }) =>
      !readOnly && selection.nodes.size + selection.annotations.size + selection.connections.size > 0,
    run: ({ store }) => removeSelected(store),
  },
];

function aligning(edge: Edge, label: string): Action {
  return {
    label,
    group: "Arrange",
    isFor: withNodes(2),
    run: ({ store }) => {
      const { selection, nodeTypes, change } = store.getState();
      change({ label, apply: align(selection.nodes, edge, nodeTypes) });
    },
  };
}

function spreading(axis: Axis, label: string): Action {
  return {
    label,
    group: "Arrange",
    isFor: withNodes(3),
    run: ({ store }) => {
      const { selection, nodeTypes, change } = store.getState();
      change({ label, apply: distribute(selection.nodes, axis, nodeTypes) });
    },
  };
}

const ARRANGE: readonly Action[] = [
  {
    label: "Tidy up",
    group: "Arrange",
    keys: ["alt+L"],
    isFor: editable,
    run: ({ store }) => void tidyUp(store),
  },
  aligning("left", "Align left"),
  aligning("center", "Align centres"),
  aligning("right", "Align right"),
  aligning("top", "Align top"),
  aligning("middle", "Align middles"),
  aligning("bottom", "Align bottom"),
  spreading("horizontal", "Space out horizontally"),
  spreading("vertical", "Space out vertically"),
  {
    label: "Snap to the grid",
    group: "Arrange",
    isFor: withNodes(1),
    run: ({ store }) => {
      const { selection, change } = store.getState();
      change({ label: "Snap to the grid", apply: snap(selection.nodes) });
    },
  },
];

const VIEW: readonly Action[] = [
  {
    label: "Search for commands, steps to go to and steps to add",
    group: "View",
    keys: ["mod+K"],
    inFields: true,
    run: () => spotlight.toggle(),
  },
  {
    label: "Find in the workflow",
    group: "View",
    keys: ["mod+F"],
    inFields: true,
    run: ({ store }) => store.getState().setPage({ finding: true }),
  },
  {
    label: "Show or hide the problems",
    group: "View",
    keys: ["mod+shift+M"],
    inFields: true,
    run: ({ store }) => store.getState().setPage({ listing: !store.getState().page.listing }),
  },
  {
    label: "See all",
    group: "View",
    keys: ["shift+1"],
    run: ({ store }) => store.getState().canvas?.fitView(),
  },
  { label: "Zoom in", group: "View", keys: ["+"], run: ({ store }) => store.getState().canvas?.zoomIn() },
  { label: "Zoom out", group: "View", keys: ["-"], run: ({ store }) => store.getState().canvas?.zoomOut() },
  {
    label: "See what is selected",
    group: "View",
    keys: ["shift+2"],
    isFor: ({ selection }) => selection.nodes.size > 0,
    run: ({ store }) => store.getState().canvas?.center([...store.getState().selection.nodes]),
  },
  {
    label: "To the next part of the page: header, canvas, problems, running, panel",
    group: "View",
    keys: ["F6"],
    inFields: true,
    run: ({ store }) => goToPart(store, 1),
  },
  {
    label: "To the part before it",
    group: "View",
    keys: ["shift+F6"],
    inFields: true,
    run: ({ store }) => goToPart(store, -1),
  },
  {
    label: "List of keys",
    group: "View",
    keys: ["?"],
    run: ({ store }) => store.getState().setPage({ dialog: "shortcuts" }),
  },
];

export const ACTIONS: readonly Action[] = [...WORKFLOW, ...EDIT, ...ARRANGE, ...VIEW];

/** Lays out what is selected, if that is more than one step, or else all. */
export async function tidyUp(store: EditorStore): Promise<void> {
  const { history, nodeTypes, selection } = store.getState();
  const chosen = selection.nodes.size > 1 ? selection.nodes : null;
  try {
    const positions = await layOut(history.present, nodeTypes, chosen);
    store.getState().change({ label: "Tidy up", apply: arrange(positions, nodeTypes) });
    if (chosen === null) requestAnimationFrame(() => store.getState().canvas?.fitView());
  } catch (error) {
    notifyError("tidy up", error);
  }
}
