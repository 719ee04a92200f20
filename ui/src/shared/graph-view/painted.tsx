/**
 * A large drawing from afar: its steps and connections are painted on one canvas, since thousands of elements would be
 * looked at again in each frame. Moving the view shifts what is painted.
 */
import { useMantineColorScheme } from "@mantine/core";
import { type ReactFlowState, useStoreApi } from "@xyflow/react";
import { useEffect, useRef } from "react";
import type { FlowEdge, FlowNode } from "./elements";
import styles from "./graph-view.module.css";
import { contextOf } from "./paint";
import { type FarDrawing, paintFar } from "./paint-far";
import { useFarDrawing } from "./use-far-drawing";

interface Props {
  nodes: readonly FlowNode[];
  edges: readonly FlowEdge[];
}

export function Painted({ nodes, edges }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const store = useStoreApi();
  const drawing = useFarDrawing(nodes, edges);
  const { colorScheme } = useMantineColorScheme();

  // biome-ignore lint/correctness/useExhaustiveDependencies: the scheme changes what the colours are.
  useEffect(() => {
    if (canvas.current === null) return;
    const sheet = new PaintedSheet(canvas.current, drawing);
    sheet.show(store.getState());
    const unsubscribe = store.subscribe((state) => sheet.show(state));
    return () => {
      unsubscribe();
      sheet.end();
    };
  }, [drawing, store, colorScheme]);

  return (
    <canvas
      ref={canvas}
      className={styles.painted}
      role="img"
      aria-label={`${nodes.length} steps from afar. Tab goes from one to the next; zoom in to see what they are.`}
    />
  );
}

type Seen = Pick<ReactFlowState, "transform" | "width" | "height">;

/** Painted so much beyond each edge of what is seen, in parts of it. */
const BEYOND = 0.4;

class PaintedSheet {
  private painted: Seen | null = null;
  private wanted: Seen | null = null;
  private frame = 0;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly drawing: FarDrawing,
  ) {}

  show(seen: Seen): void {
    if (this.wanted !== null && isSame(seen, this.wanted)) return;
    this.wanted = seen;
    if (this.painted !== null && isWithin(seen, this.painted)) this.shift(seen, this.painted);
    else if (this.frame === 0) this.frame = requestAnimationFrame(() => this.paint());
  }

  end(): void {
    cancelAnimationFrame(this.frame);
  }

  private paint(): void {
    this.frame = 0;
    const seen = this.wanted;
    if (seen === null || seen.width === 0) return;
    const { width, height, transform } = seen;
    const [wide, high] = [width * (1 + 2 * BEYOND), height * (1 + 2 * BEYOND)];
    const context = contextOf(this.canvas, wide, high);
    if (context === null) return;
    this.canvas.style.width = `${wide}px`;
    this.canvas.style.height = `${high}px`;
    const [x, y, zoom] = transform;
    context.translate(width * BEYOND + x, height * BEYOND + y);
    context.scale(zoom, zoom);
    paintFar(context, this.drawing, zoom);
    this.painted = seen;
    this.shift(seen, seen);
  }

  private shift({ transform: [x, y], width, height }: Seen, { transform: [fromX, fromY] }: Seen): void {
    const [left, top] = [x - fromX - width * BEYOND, y - fromY - height * BEYOND];
    this.canvas.style.transform = `translate(${left}px, ${top}px)`;
  }
}

function isSame(one: Seen, other: Seen): boolean {
  return one.transform === other.transform && one.width === other.width && one.height === other.height;
}

/** Whether all that is seen is painted, and as large. */
function isWithin({ transform: [x, y, zoom], width, height }: Seen, painted: Seen): boolean {
  const [fromX, fromY, scale] = painted.transform;
  return (
    zoom === scale &&
    width === painted.width &&
    height === painted.height &&
    Math.abs(x - fromX) <= width * BEYOND &&
    Math.abs(y - fromY) <= height * BEYOND
  );
}
