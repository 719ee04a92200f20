/** The small map in the corner: steps in their colours, what is seen as a frame; dragging it moves the view. */
import { useMantineColorScheme } from "@mantine/core";
import { Panel, useReactFlow, useStoreApi } from "@xyflow/react";
import { memo, type PointerEvent, useEffect, useRef } from "react";
import { around, type Rectangle } from "@/graph/geometry";
import { useDrawing } from "./drawing";
import type { FlowEdge, FlowNode } from "./elements";
import styles from "./graph-view.module.css";
import { Colors, colorVariable, contextOf, fitted, isStep } from "./paint";

interface Fit {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
  /** What is drawn, if anything is. */
  readonly all: Rectangle | null;
}

const WIDTH = 166;
const HEIGHT = 106;
const MARGIN = 8;

interface Props {
  nodes: readonly FlowNode[];
}

export const OverviewMap = memo(function OverviewMap({ nodes }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const seen = useRef<HTMLDivElement>(null);
  const fit = useRef<Fit>({ x: 0, y: 0, scale: 1, all: null });
  const store = useStoreApi<FlowNode, FlowEdge>();
  const runStates = useDrawing((drawing) => drawing.runStates);
  const { colorScheme } = useMantineColorScheme();

  // biome-ignore lint/correctness/useExhaustiveDependencies: the scheme changes what the variables are.
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    // The colours of a scheme are there one frame after it was chosen.
    const frame = requestAnimationFrame(() => {
      const steps = nodes.filter(isStep).map((node) => ({ node, box: boxOf(node) }));
      const all = around(steps.map(({ box }) => box));
      const context = contextOf(element, WIDTH, HEIGHT);
      if (all === null || context === null) {
        fit.current = { ...fit.current, all: null };
        frameSeen(seen.current, fit.current, store.getState());
        return;
      }
      const { scale, x, y } = fitted(all, WIDTH, HEIGHT, MARGIN);
      fit.current = { scale, x, y, all };
      const colors = new Colors(element);
      for (const { node, box } of steps) {
        context.fillStyle = colors.get(colorVariable(node, runStates.get(node.id)?.status));
        context.fillRect(
          x + box.x * scale,
          y + box.y * scale,
          Math.max(box.width * scale, 1.5),
          Math.max(box.height * scale, 1.5),
        );
      }
      frameSeen(seen.current, fit.current, store.getState());
    });
    return () => cancelAnimationFrame(frame);
  }, [nodes, runStates, colorScheme, store]);

  useEffect(
    () =>
      store.subscribe((state, before) => {
        if (
          state.transform !== before.transform ||
          state.width !== before.width ||
          state.height !== before.height
        ) {
          frameSeen(seen.current, fit.current, state);
        }
      }),
    [store],
  );

  const moving = useMoving(fit);
  return (
    <Panel position="bottom-right" className={styles.mapPanel}>
      <div className={styles.mapFrame} {...moving} aria-hidden="true" data-idle>
        <canvas ref={canvas} />
        <div ref={seen} className={styles.mapSeen} />
      </div>
    </Panel>
  );
});

function boxOf(node: FlowNode) {
  return { ...node.position, width: node.width ?? 0, height: node.height ?? 0 };
}

interface Seen {
  readonly transform: readonly [number, number, number];
  readonly width: number;
  readonly height: number;
}

function frameSeen(
  element: HTMLElement | null,
  { x, y, scale, all }: Fit,
  { transform, width, height }: Seen,
): void {
  if (element === null) return;
  const [left, top, zoom] = transform;
  // Where all is in sight, a map would only say it once more.
  element.parentElement?.toggleAttribute(
    "data-idle",
    all === null || isInSight(all, { transform, width, height }),
  );
  element.style.width = `${(width / zoom) * scale}px`;
  element.style.height = `${(height / zoom) * scale}px`;
  element.style.transform = `translate(${x - (left / zoom) * scale}px, ${y - (top / zoom) * scale}px)`;
}

function isInSight(all: Rectangle, { transform: [left, top, zoom], width, height }: Seen): boolean {
  return (
    all.x * zoom + left >= 0 &&
    all.y * zoom + top >= 0 &&
    (all.x + all.width) * zoom + left <= width &&
    (all.y + all.height) * zoom + top <= height
  );
}

/** Pressing brings that place into the middle; dragging goes on doing so. */
function useMoving(fit: React.RefObject<Fit>) {
  const { setCenter, getZoom } = useReactFlow();
  const go = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const { x, y, scale } = fit.current;
    void setCenter((event.clientX - box.left - x) / scale, (event.clientY - box.top - y) / scale, {
      zoom: getZoom(),
    });
  };
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      event.currentTarget.setPointerCapture(event.pointerId);
      go(event);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (event.currentTarget.hasPointerCapture(event.pointerId)) go(event);
    },
  };
}
