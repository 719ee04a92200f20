/** The canvas on which a workflow is drawn and changed. */
import "@xyflow/react/dist/style.css";
import { VisuallyHidden } from "@mantine/core";
import {
  type NodeChange,
  type OnMoveEnd,
  PanOnScrollMode,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
} from "@xyflow/react";
import { memo, type ReactNode, useCallback, useMemo, useRef, useState } from "react";
import { structure as structureOf } from "@/graph/structure";
import { Dots } from "@/shared/graph-view/dots";
import {
  DrawingActionsProvider,
  DrawingProvider,
  type DrawingStore,
  useDrawing,
} from "@/shared/graph-view/drawing";
import { annotationIdOf, type FlowEdge, type FlowNode } from "@/shared/graph-view/elements";
import { FarConnections } from "@/shared/graph-view/far-connections";
import { useDetail } from "@/shared/graph-view/graph-view";
import view from "@/shared/graph-view/graph-view.module.css";
import { Hints } from "@/shared/graph-view/hints";
import { EDGE_KINDS, NODE_KINDS } from "@/shared/graph-view/kinds";
import { OverviewMap } from "@/shared/graph-view/overview-map";
import { Painted } from "@/shared/graph-view/painted";
import { RegionFrames } from "@/shared/graph-view/region-frames";
import { useCalmMoves } from "@/shared/graph-view/use-calm-moves";
import { useKnownSizes } from "@/shared/graph-view/use-known-sizes";
import { useRoutes } from "@/shared/graph-view/use-routes";
import { useShown } from "@/shared/graph-view/use-shown";
import { ZoomControls } from "@/shared/graph-view/zoom-controls";
import { useEditor, useEditorStore } from "../store";
import { AddBar } from "./add-bar";
import { ArrangeBar } from "./arrange-bar";
import styles from "./canvas.module.css";
import { CanvasProvider, createCanvasStore, useCanvas } from "./canvas-state";
import { useClipboard } from "./clipboard";
import { ConnectionPreview } from "./connection-preview";
import { EmptyCanvas } from "./empty-canvas";
import { Guides } from "./guides";
import { ConnectDialog } from "./keyboard/connect-dialog";
import { useKeys } from "./keyboard/use-keys";
import { ContextMenu } from "./menus/context-menu";
import type { StepAction } from "./menus/step-action";
import { PalettePanel } from "./palette/palette-panel";
import { PalettePopover } from "./palette/palette-popover";
import { useArrivals } from "./use-arrivals";
import { useCanvasDrawing } from "./use-canvas-drawing";
import { useConnecting } from "./use-connecting";
import { useDoubleClick } from "./use-double-click";
import { useDragging } from "./use-dragging";
import { useDrawingActionsOfEditor } from "./use-drawing-actions";
import { useDropping } from "./use-dropping";
import { useElements, useResizing, useSelecting } from "./use-elements";
import { useSelectingFromAfar } from "./use-far-selection";
import { useMenus } from "./use-menus";
import { useSpokenChanges } from "./use-spoken-changes";
import { useCanvasHandle, useFirstView, useKeptInSight, useKeptView } from "./use-view";

interface Props {
  /** More that can be done with a step, from its menu. */
  actions?: readonly StepAction[];
  breakpoints?: ReadonlySet<string>;
  children?: ReactNode;
}

const NO_ACTIONS: readonly StepAction[] = [];
const NO_BREAKPOINTS: ReadonlySet<string> = new Set();
const NO_EDGES: FlowEdge[] = [];
const SEVERAL = ["Shift", "Meta", "Control"];

export function Canvas({ actions = NO_ACTIONS, breakpoints = NO_BREAKPOINTS, children }: Props) {
  const [canvas] = useState(createCanvasStore);
  const drawing = useCanvasDrawing(breakpoints);
  return (
    <ReactFlowProvider>
      <CanvasProvider value={canvas}>
        <DrawingProvider value={drawing}>
          <Sheet drawing={drawing} />
          <PalettePanel />
          <PalettePopover />
          <ContextMenu actions={actions} />
          <ConnectDialog />
          {children}
        </DrawingProvider>
      </CanvasProvider>
    </ReactFlowProvider>
  );
}

function Sheet({ drawing }: { drawing: DrawingStore }) {
  const store = useEditorStore();
  const readOnly = useEditor((state) => state.readOnly);
  const { workflow, types, nodes, edges, setPassing } = useElements();
  const structure = useMemo(() => structureOf(workflow, types), [workflow, types]);
  useRoutes(drawing, nodes, edges, structure);
  const frame = useRef<HTMLDivElement>(null);
  const { afar, shown } = useShown(drawing, nodes, frame);
  const onPaneClick = useSelectingFromAfar(afar, nodes);
  const { onEdgesChange, selectNodes } = useSelecting();
  const resized = useResizing(setPassing);
  const { moveNodes, ...dragging } = useDragging(drawing);
  const connecting = useConnecting();
  const dropping = useDropping(drawing);
  const menus = useMenus();
  const adding = useDoubleClick();
  const onKeyDown = useKeys();
  const pointing = useCanvasHandle();
  const moves = useCalmMoves(frame);
  const full = useDrawing((state) => state.detail === "full");
  useKnownSizes();
  const keepView = useKeptView();
  const onMoveEnd: OnMoveEnd = useCallback(
    (event, viewport) => {
      moves.onMoveEnd();
      keepView(event, viewport);
    },
    [moves, keepView],
  );
  const drawingActions = useDrawingActionsOfEditor();
  useArrivals(nodes);
  useClipboard();

  const onNodesChange = useCallback(
    (changes: NodeChange<FlowNode>[]) => {
      selectNodes(changes);
      if (!resized(changes)) moveNodes(changes);
    },
    [selectNodes, resized, moveNodes],
  );

  return (
    <DrawingActionsProvider value={drawingActions}>
      <div
        ref={frame}
        className={styles.canvas}
        role="application"
        aria-label="Canvas. Tab goes from step to step, arrow keys along the connections, N adds a step, Enter edits it, F6 leaves the canvas, question mark lists all keys."
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it has keys of its own, as an application does.
        tabIndex={0}
        data-canvas
        data-part
        onKeyDown={onKeyDown}
        onKeyUp={() => frame.current?.setAttribute("data-keys", "")}
        onPointerDown={() => frame.current?.removeAttribute("data-keys")}
        onDoubleClick={adding.onDoubleClick}
        {...pointing}
        {...dropping}
      >
        <ReactFlow<FlowNode, FlowEdge>
          className={view.view}
          nodes={shown}
          edges={full ? edges : NO_EDGES}
          nodeTypes={NODE_KINDS}
          edgeTypes={EDGE_KINDS}
          onNodesChange={onNodesChange}
          onEdgesChange={onEdgesChange}
          onNodeDoubleClick={(_, node) => annotationIdOf(node.id) === null && store.getState().show(node.id)}
          onPaneClick={onPaneClick}
          onMoveStart={moves.onMoveStart}
          onMoveEnd={onMoveEnd}
          {...dragging}
          {...connecting}
          {...menus}
          onEdgeDoubleClick={adding.onEdgeDoubleClick}
          connectionLineComponent={ConnectionPreview}
          connectionRadius={28}
          connectOnClick={false}
          reconnectRadius={9}
          onlyRenderVisibleElements
          nodesDraggable={!readOnly}
          nodesConnectable={!readOnly}
          edgesReconnectable={!readOnly}
          nodesFocusable={false}
          edgesFocusable={false}
          disableKeyboardA11y
          elevateNodesOnSelect={false}
          nodeDragThreshold={2}
          selectionMode={SelectionMode.Partial}
          multiSelectionKeyCode={SEVERAL}
          deleteKeyCode={null}
          panOnScroll
          panOnScrollMode={PanOnScrollMode.Free}
          minZoom={0.05}
          maxZoom={2}
          zoomOnDoubleClick={false}
          attributionPosition="top-right"
        >
          <View drawing={drawing} />
          {afar ? <Painted nodes={nodes} edges={edges} /> : <FarConnections nodes={nodes} edges={edges} />}
          <RegionFrames workflow={workflow} structure={structure} />
          <Overlays />
          <OverviewMap nodes={nodes} />
        </ReactFlow>
        <Hints within={frame} />
        <Announcements />
      </div>
    </DrawingActionsProvider>
  );
}

function View({ drawing }: { drawing: DrawingStore }) {
  useFirstView();
  useKeptInSight();
  useDetail(drawing);
  return null;
}

const Overlays = memo(function Overlays() {
  return (
    <>
      <Dots />
      <Guides />
      <ZoomControls />
      <AddBar />
      <ArrangeBar />
      <EmptyCanvas />
    </>
  );
});

function Announcements() {
  const text = useCanvas((state) => state.announcement);
  useSpokenChanges();
  return <VisuallyHidden aria-live="polite">{text}</VisuallyHidden>;
}
