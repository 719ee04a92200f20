/** Where a drawing is first seen from: all of it where that can be read, else its beginning. */
import { around, type Rectangle } from "@/graph/geometry";

export interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

const MARGIN = 32;
const READABLE = 0.7;
/** Few steps are better seen all at once, even a little smaller. */
const FEW = 15;
const LEGIBLE = 0.55;
const LARGEST = 1;
const LEAST = 0.05;

/** Whether nobody has moved it meanwhile. */
export function isSame(one: View, other: View): boolean {
  return Math.abs(one.x - other.x) < 1 && Math.abs(one.y - other.y) < 1 && one.zoom === other.zoom;
}

/** All of it, however small it becomes. */
export function viewOfAll(rectangles: readonly Rectangle[], width: number, height: number): View {
  const all = around(rectangles);
  if (all === null || width === 0 || height === 0) return { x: width / 3, y: height / 2, zoom: 1 };
  return centered(all, fitting(all, width, height), width, height);
}

function fitting(all: Rectangle, width: number, height: number): number {
  const zoom = Math.min((width - 2 * MARGIN) / all.width, (height - 2 * MARGIN) / all.height, LARGEST);
  return Math.max(zoom, LEAST);
}

/** What may come to take `covered` at the right covers nothing of a drawing that can be read beside it. */
export function firstView(
  rectangles: readonly Rectangle[],
  width: number,
  height: number,
  covered = 0,
): View {
  const all = around(rectangles);
  const beside = width - covered;
  if (all === null || width === 0 || height === 0) return { x: beside / 3, y: height / 2, zoom: 1 };
  const zoomBeside = fitting(all, beside, height);
  if (covered > 0 && zoomBeside >= READABLE) {
    const view = centered(all, zoomBeside, width, height);
    return { ...view, x: Math.min(view.x, beside - MARGIN - (all.x + all.width) * zoomBeside) };
  }
  const whole = fitting(all, width, height);
  if (whole >= (rectangles.length <= FEW ? LEGIBLE : READABLE)) return centered(all, whole, width, height);
  const first = rectangles.reduce((one, other) => (other.x < one.x ? other : one));
  const zoom = Math.max(whole, READABLE);
  const tall = all.height * zoom > height - 2 * MARGIN;
  const middle = tall ? first.y + first.height / 2 : all.y + all.height / 2;
  const wide = all.width * zoom > width - 2 * MARGIN;
  const x = wide ? MARGIN - all.x * zoom : width / 2 - (all.x + all.width / 2) * zoom;
  return { x, y: height / 2 - middle * zoom, zoom };
}

function centered(all: Rectangle, zoom: number, width: number, height: number): View {
  return {
    x: width / 2 - (all.x + all.width / 2) * zoom,
    y: height / 2 - (all.y + all.height / 2) * zoom,
    zoom,
  };
}
