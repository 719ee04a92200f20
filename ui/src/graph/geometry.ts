/** Where things are on the canvas and how large: drawing, alignment, layout and what lies in a group agree by this. */
import type { NodeTypes } from "./node-type";
import { inputsOf, outputsOf } from "./ports";
import type { Position, WorkflowNode } from "./workflow";

export const GRID = 16;
export const NODE_WIDTH = 200;
/** What is drawn of every node; several ports have rows of their own below. */
const HEAD_HEIGHT = 64;
const PORT_HEIGHT = 20;
/** Rows begin a little higher: the words of the head end before it does. */
const OVERLAP = 6;
const ORIGIN: Position = { x: 0, y: 0 };

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Rectangle extends Size {
  readonly x: number;
  readonly y: number;
}

/** How far from the upper edge of its node a port is, of `count` on that side. */
export function portOffset(place: number, count: number): number {
  return count <= 1 ? HEAD_HEIGHT / 2 : HEAD_HEIGHT - OVERLAP + (place + 0.5) * PORT_HEIGHT;
}

/** How large a node is drawn: higher, the more ports it has on one side. */
export function nodeSize(node: WorkflowNode, types: NodeTypes): Size {
  const type = types.get(node.type);
  const ports = Math.max(inputsOf(type).length, outputsOf(type, node).length);
  return sizeOf(ports);
}

/** The size of a node with so many ports on the side that has more. */
export function sizeOf(ports: number): Size {
  return { width: NODE_WIDTH, height: HEAD_HEIGHT + (ports > 1 ? ports * PORT_HEIGHT : 0) };
}

export function nodeRectangle(node: WorkflowNode, types: NodeTypes): Rectangle {
  return { ...positionOf(node), ...nodeSize(node, types) };
}

export function positionOf(node: { readonly position?: Position | null }): Position {
  return node.position ?? ORIGIN;
}

export function centerOf(rectangle: Rectangle): Position {
  return { x: rectangle.x + rectangle.width / 2, y: rectangle.y + rectangle.height / 2 };
}

export function contains(outer: Rectangle, point: Position): boolean {
  return (
    point.x >= outer.x &&
    point.y >= outer.y &&
    point.x <= outer.x + outer.width &&
    point.y <= outer.y + outer.height
  );
}

export function touches(one: Rectangle, other: Rectangle): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

/** The smallest rectangle around all; null around nothing. */
export function around(rectangles: readonly Rectangle[]): Rectangle | null {
  if (rectangles.length === 0) return null;
  const x = Math.min(...rectangles.map((one) => one.x));
  const y = Math.min(...rectangles.map((one) => one.y));
  const right = Math.max(...rectangles.map((one) => one.x + one.width));
  const bottom = Math.max(...rectangles.map((one) => one.y + one.height));
  return { x, y, width: right - x, height: bottom - y };
}

export function snapped({ x, y }: Position, grid = GRID): Position {
  return { x: Math.round(x / grid) * grid, y: Math.round(y / grid) * grid };
}
