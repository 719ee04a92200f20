/** Drawing many steps at once, on a canvas: the small map, and whole drawings from afar. */
import type { Rectangle } from "@/graph/geometry";
import { annotationIdOf, type FlowNode } from "./elements";
import { lookOf } from "./looks";

/** Colours of style sheets as a canvas takes them, for as long as the scheme stays. */
export class Colors {
  private readonly known = new Map<string, string>();
  private readonly style: CSSStyleDeclaration;

  constructor(element: Element) {
    this.style = getComputedStyle(element);
  }

  get(variable: string): string {
    let value = this.known.get(variable);
    if (value === undefined) {
      value = this.style.getPropertyValue(variable).trim() || "#888888";
      this.known.set(variable, value);
    }
    return value;
  }
}

export function colorVariable(element: FlowNode, status: string | undefined): string {
  if (status === "failed") return "--mantine-color-red-6";
  if (status === "running" || status === "retrying") return "--mantine-color-blue-6";
  return element.type === "step"
    ? `--mantine-color-${lookOf(element.data.type).color}-5`
    : "--wb-border-strong";
}

export function isStep(element: FlowNode): boolean {
  return annotationIdOf(element.id) === null;
}

/** A canvas as large as its place, sharp on any screen; null where there is none. */
export function contextOf(canvas: HTMLCanvasElement, width: number, height: number) {
  const ratio = window.devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  const context = canvas.getContext("2d");
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context;
}

/** How a rectangle of the drawing fits into a place: the scale, and where its origin comes. */
export function fitted(all: Rectangle, width: number, height: number, margin: number) {
  const scale = Math.min((width - 2 * margin) / all.width, (height - 2 * margin) / all.height, 0.2);
  return {
    scale,
    x: width / 2 - (all.x + all.width / 2) * scale,
    y: height / 2 - (all.y + all.height / 2) * scale,
  };
}
