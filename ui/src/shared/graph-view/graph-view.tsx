/** A workflow to look at: of an execution, of a version, of a template. Nothing in it can be changed. */
import "@xyflow/react/dist/style.css";
import { ReactFlow, ReactFlowProvider, useReactFlow, useStore } from "@xyflow/react";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useStore as useZustand } from "zustand";
import type { NodeTypes } from "@/graph/node-type";
import type { RunStates } from "@/graph/run-state";
import { NOTHING, selectionOf } from "@/graph/selection";
import { structure as structureOf } from "@/graph/structure";
import type { Workflow } from "@/graph/workflow";
import { Dots } from "./dots";
import {
  createDrawing,
  DrawingProvider,
  type DrawingStore,
  type DrawnProblem,
  detailOf,
  type Mark,
} from "./drawing";
import { annotationIdOf, Elements, type FlowEdge, type FlowNode } from "./elements";
import { FarConnections } from "./far-connections";
import { firstView, isSame, type View, viewOfAll } from "./first-view";
import styles from "./graph-view.module.css";
import { Hints } from "./hints";
import { EDGE_KINDS, NODE_KINDS } from "./kinds";
import { OverviewMap } from "./overview-map";
import { Painted } from "./painted";
import { RegionFrames } from "./region-frames";
import { stepKeys } from "./step-keys";
import { useCalmMoves } from "./use-calm-moves";
import { useKnownSizes } from "./use-known-sizes";
import { usePlaced } from "./use-placed";
import { useRoutes } from "./use-routes";
import { useShown, useStepAt } from "./use-shown";
import { ZoomControls } from "./zoom-controls";

interface Props {
  workflow: Workflow;
  nodeTypes: NodeTypes;
  /** What is drawn, for those who do not see it. */
  label: string;
  runStates?: RunStates;
  /** What a difference says of nodes and connections, by their ids. */
  marks?: ReadonlyMap<string, Mark>;
  problems?: ReadonlyMap<string, readonly DrawnProblem[]>;
  breakpoints?: ReadonlySet<string>;
  /** The node that is looked at closer. */
  selected?: string | null;
  onSelect?: (node: string | null) => void;
  /** A preview has neither map nor buttons, and does not catch the wheel. */
  preview?: boolean;
  children?: ReactNode;
}

const NO_EDGES: FlowEdge[] = [];

export function GraphView(props: Props) {
  const workflow = usePlaced(props.workflow, props.nodeTypes);
  if (workflow === null) return <div className={styles.frame} />;
  return (
    <ReactFlowProvider>
      <Drawn {...props} workflow={workflow} />
    </ReactFlowProvider>
  );
}

function useDrawingOf({ nodeTypes, runStates, marks, problems, breakpoints }: Props): DrawingStore {
  const [drawing] = useState(() =>
    createDrawing(nodeTypes, given({ runStates, marks, problems, breakpoints })),
  );
  useEffect(() => {
    drawing.setState({ nodeTypes, ...given({ runStates, marks, problems, breakpoints }) });
  }, [drawing, nodeTypes, runStates, marks, problems, breakpoints]);
  return drawing;
}

function given<Values extends object>(
  values: Values,
): { [Name in keyof Values]?: NonNullable<Values[Name]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

function Drawn(props: Props) {
  const { workflow, nodeTypes, label, selected = null, onSelect, preview = false, children } = props;
  const drawing = useDrawingOf(props);
  const frame = useRef<HTMLDivElement>(null);
  const moves = useCalmMoves(frame);
  const full = useZustand(drawing, (state) => state.detail === "full");
  useKnownSizes();
  const [elements] = useState(() => new Elements());
  const selection = useMemo(
    () => (selected === null ? NOTHING : selectionOf({ nodes: [selected] })),
    [selected],
  );
  const nodes = useMemo(
    () => elements.nodesOf(workflow, nodeTypes, selection),
    [elements, workflow, nodeTypes, selection],
  );
  const edges = useMemo(
    () => elements.edgesOf(workflow, nodeTypes, NOTHING),
    [elements, workflow, nodeTypes],
  );
  const structure = useMemo(() => structureOf(workflow, nodeTypes), [workflow, nodeTypes]);
  useRoutes(drawing, nodes, edges, structure);
  const { afar, shown } = useShown(drawing, nodes, frame);
  const stepAt = useStepAt(nodes);
  const keys = onSelect && { tabIndex: 0, onKeyDown: stepKeys(onSelect) };
  return (
    <DrawingProvider value={drawing}>
      <div ref={frame} className={styles.frame}>
        <ReactFlow<FlowNode, FlowEdge>
          className={styles.view}
          role="figure"
          aria-label={onSelect ? `${label}. Arrow keys go from step to step, Enter opens one.` : label}
          {...keys}
          nodes={shown}
          edges={full ? edges : NO_EDGES}
          nodeTypes={NODE_KINDS}
          edgeTypes={EDGE_KINDS}
          onlyRenderVisibleElements
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          disableKeyboardA11y
          elevateNodesOnSelect={false}
          deleteKeyCode={null}
          minZoom={0.05}
          maxZoom={2}
          panOnScroll={!preview}
          zoomOnScroll={!preview}
          preventScrolling={!preview}
          {...moves}
          onNodeClick={(_, node) => annotationIdOf(node.id) === null && onSelect?.(node.id)}
          onPaneClick={(event) => onSelect?.(afar ? stepAt({ x: event.clientX, y: event.clientY }) : null)}
          attributionPosition="top-right"
        >
          <StartView drawing={drawing} preview={preview} />
          {afar ? <Painted nodes={nodes} edges={edges} /> : <FarConnections nodes={nodes} edges={edges} />}
          <RegionFrames workflow={workflow} structure={structure} />
          <Dots />
          {!preview && <OverviewMap nodes={nodes} />}
          {!preview && <ZoomControls />}
          {children}
        </ReactFlow>
        <Hints within={frame} />
      </div>
    </DrawingProvider>
  );
}

/**
 * Looks at the beginning once the place is measured, and again when the place becomes another one, as by a panel beside
 * it, until somebody moves the view. Tells the drawing how much detail can be seen.
 */
function StartView({ drawing, preview }: { drawing: DrawingStore; preview: boolean }) {
  const { setViewport, getViewport, getNodes } = useReactFlow<FlowNode, FlowEdge>();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const ready = width > 0 && height > 0;
  const view = useRef<View | null>(null);
  useEffect(() => {
    if (!ready || (view.current !== null && !isSame(view.current, getViewport()))) return;
    const boxes = getNodes().map(rectangleOf);
    view.current = preview ? viewOfAll(boxes, width, height) : firstView(boxes, width, height);
    void setViewport(view.current);
  }, [ready, preview, width, height, setViewport, getViewport, getNodes]);
  useDetail(drawing);
  return null;
}

export function rectangleOf(node: FlowNode) {
  return { ...node.position, width: node.width ?? 0, height: node.height ?? 0 };
}

/** From here on, small words on a step could not be read. */
const SMALL = 0.78;

export function useDetail(drawing: DrawingStore): void {
  const detail = useStore((state) => detailOf(state.transform[2]));
  useEffect(() => drawing.setState({ detail }), [drawing, detail]);
  const small = useStore((state) => state.transform[2] < SMALL);
  const view = useStore((state) => state.domNode);
  useEffect(() => void view?.toggleAttribute("data-small", small), [view, small]);
}
