/** The keys of the canvas that belong to no action of the table: for the list of keys. */
interface CanvasKey {
  readonly label: string;
  readonly keys: readonly string[];
}

export const CANVAS_KEYS: readonly CanvasKey[] = [
  { label: "Run the whole workflow", keys: ["mod+Enter"] },
  { label: "Add a step, after the one that is selected", keys: ["N"] },
  { label: "Connect the step with another", keys: ["C"] },
  { label: "From step to step, in their order", keys: ["Tab", "shift+Tab"] },
  { label: "Along the connections, or to the one above or below", keys: ["← → ↑ ↓"] },
  { label: "Move what is selected", keys: ["shift+← → ↑ ↓"] },
  { label: "Edit the step", keys: ["Enter"] },
  { label: "Select the step as well, or no more", keys: ["Space"] },
  { label: "Select nothing", keys: ["Escape"] },
  { label: "Copy, cut, paste", keys: ["mod+C", "mod+X", "mod+V"] },
  { label: "The step's menu", keys: ["shift+F10"] },
];
