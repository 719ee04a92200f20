/** Painting steps as blocks of their colour, and all connections as a few lines. */
import type { RunStates } from "@/graph/run-state";
import type { Drawing } from "./drawing";
import type { FlowNode, StepElement } from "./elements";
import { lookOf } from "./looks";
import { Colors } from "./paint";

/** What is painted, by its colour. */
export interface FarDrawing {
  readonly lines: ReadonlyMap<string, Path2D>;
  readonly steps: Path2D;
  readonly blocks: ReadonlyMap<string, Path2D>;
  readonly rings: ReadonlyMap<string, Path2D>;
}

/** As the style sheets mix a step's colour with the surface. */
const STRENGTH = 0.62;
const RING = 10;
const LINE = 1.25;
const LINES: Readonly<Record<string, string>> = {
  error: "--mantine-color-red-filled",
  taken: "--mantine-color-teal-filled",
  flowing: "--mantine-color-blue-filled",
};
const BLOCKS: Partial<Record<string, string>> = {
  completed: "--mantine-color-teal-filled",
  failed: "--mantine-color-red-filled",
};
const RINGS: Partial<Record<string, string>> = {
  running: "--mantine-color-blue-filled",
  retrying: "--mantine-color-blue-filled",
  failed: "--mantine-color-red-filled",
  waiting: "--mantine-color-grape-filled",
  paused: "--mantine-color-yellow-filled",
  added: "--mantine-color-teal-filled",
  removed: "--mantine-color-red-filled",
  changed: "--mantine-color-orange-filled",
};

type Shown = Pick<Drawing, "runStates" | "problems" | "marks">;

export function farDrawing(
  nodes: Iterable<FlowNode>,
  lines: ReadonlyMap<string, string>,
  { runStates, problems, marks }: Shown,
): FarDrawing {
  const steps = new Path2D();
  const blocks = new Map<string, Path2D>();
  const rings = new Map<string, Path2D>();
  for (const node of nodes) {
    if (node.type !== "step") continue;
    addBox(steps, node);
    addBox(pathFor(blocks, blockColor(node, runStates)), node);
    const isWrong = problems.get(node.id)?.some(({ severity }) => severity === "error") ? "failed" : "";
    const state = marks.get(node.id) ?? runStates.get(node.id)?.status ?? isWrong;
    const ring = node.selected ? "--mantine-primary-color-filled" : RINGS[state];
    if (ring) addBox(pathFor(rings, ring), node);
  }
  return { lines: new Map([...lines].map(([look, path]) => [look, new Path2D(path)])), steps, blocks, rings };
}

function blockColor({ id, data }: StepElement, runStates: RunStates): string {
  return BLOCKS[runStates.get(id)?.status ?? ""] ?? `--mantine-color-${lookOf(data.type).color}-filled`;
}

function pathFor(paths: Map<string, Path2D>, color: string): Path2D {
  const path = paths.get(color) ?? new Path2D();
  paths.set(color, path);
  return path;
}

function addBox(path: Path2D, { position: { x, y }, width = 0, height = 0 }: StepElement): void {
  // Round corners would not be seen, and take three times as long.
  path.rect(x, y, width, height);
}

export function paintFar(context: CanvasRenderingContext2D, drawing: FarDrawing, zoom: number): void {
  const colors = new Colors(context.canvas);
  context.lineWidth = LINE / zoom;
  for (const [look, path] of drawing.lines) {
    // That of the canvas is that of lines that nothing went along.
    context.strokeStyle =
      look in LINES ? colors.get(LINES[look] ?? "") : getComputedStyle(context.canvas).color;
    context.globalAlpha = look === "dead" ? 0.4 : 1;
    context.stroke(path);
  }
  context.globalAlpha = 1;
  context.lineWidth = RING * 2;
  for (const [color, path] of drawing.rings) {
    context.strokeStyle = colors.get(color);
    context.stroke(path);
  }
  context.fillStyle = colors.get("--wb-surface");
  context.fill(drawing.steps);
  context.globalAlpha = STRENGTH;
  for (const [color, path] of drawing.blocks) {
    context.fillStyle = colors.get(color);
    context.fill(path);
  }
}
