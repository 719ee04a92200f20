/** The keys of the canvas that belong to no action of the table, and what the mouse does: for the list of keys. */
interface CanvasKey {
  readonly label: string;
  readonly keys: readonly string[];
}

export const CANVAS_KEYS: readonly CanvasKey[] = [
  { label: "Run the whole workflow", keys: ["mod+Enter"] },
  { label: "Add a step, after the one that is selected", keys: ["N"] },
  { label: "Connect the step with another", keys: ["C"] },
  { label: "From step to step, in their order, then to notes and groups", keys: ["Tab", "shift+Tab"] },
  { label: "Along the connections, or to the one above or below", keys: ["← → ↑ ↓"] },
  { label: "The same, and what is selected stays so", keys: ["mod+← → ↑ ↓"] },
  { label: "Select this one as well, or no more", keys: ["Space"] },
  { label: "Move what is selected; with Ctrl, further", keys: ["shift+← → ↑ ↓", "mod+shift+← → ↑ ↓"] },
  { label: "Edit the step, the note or the title of the group", keys: ["Enter"] },
  { label: "From a field to its panel, and back to the step", keys: ["Escape"] },
  { label: "Out of a field of code, where Tab indents: one, then the other", keys: ["Escape", "Tab"] },
  { label: "Select nothing", keys: ["Escape"] },
  { label: "Copy, cut, paste", keys: ["mod+C", "mod+X", "mod+V"] },
  { label: "The menu of the step, the note or the group", keys: ["shift+F10"] },
];

export const MOUSE: readonly CanvasKey[] = [
  { label: "Add a step there; on a connection, between its ends", keys: ["Double click"] },
  { label: "Add what follows: on the + of a step, or into the void from a port", keys: ["Click", "Drag"] },
  { label: "Select what lies in a box", keys: ["shift+Drag"] },
  { label: "Drag a copy away", keys: ["alt+Drag"] },
  { label: "Move the view", keys: ["Drag", "Space+Drag", "Wheel"] },
  { label: "Zoom in and out", keys: ["mod+Wheel"] },
];
