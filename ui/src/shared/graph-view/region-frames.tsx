/** The bodies of loops, drawn as containers that follow their nodes. */
import { type ReactFlowState, useStore, ViewportPortal } from "@xyflow/react";
import { useCallback, useMemo } from "react";
import type { NodeTypes } from "@/graph/node-type";
import type { Structure } from "@/graph/structure";
import type { Workflow } from "@/graph/workflow";
import { nodeName } from "./describe";
import { useDrawing } from "./drawing";
import styles from "./frames.module.css";
import { type RegionBox, regionBoxes } from "./regions";

interface Props {
  workflow: Workflow;
  structure: Structure;
}

export function RegionFrames({ workflow, structure }: Props) {
  const types = useDrawing((drawing) => drawing.nodeTypes);
  const boxes = useStore(
    useCallback((state: ReactFlowState) => boxesOf(structure, state), [structure]),
    sameBoxes,
  );
  return (
    <ViewportPortal>
      {boxes.map((box) => (
        <RegionFrame key={box.loop} box={box} name={nameOf(workflow, types, box.loop)} />
      ))}
    </ViewportPortal>
  );
}

function boxesOf(structure: Structure, { nodeLookup }: ReactFlowState): RegionBox[] {
  if (structure.bodies.size === 0) return NONE;
  return regionBoxes(structure, (id) => {
    const node = nodeLookup.get(id);
    return node && { ...node.internals.positionAbsolute, width: node.width ?? 0, height: node.height ?? 0 };
  });
}

const NONE: RegionBox[] = [];

function sameBoxes(one: RegionBox[], other: RegionBox[]): boolean {
  return (
    one.length === other.length &&
    one.every((box, place) => {
      const same = other[place];
      return (
        same !== undefined &&
        box.loop === same.loop &&
        box.x === same.x &&
        box.y === same.y &&
        box.width === same.width &&
        box.height === same.height
      );
    })
  );
}

function RegionFrame({ box, name }: { box: RegionBox; name: string }) {
  const run = useDrawing((drawing) => drawing.runStates.get(box.loop));
  const full = useDrawing((drawing) => drawing.detail === "full");
  const style = useMemo(
    () => ({ transform: `translate(${box.x}px, ${box.y}px)`, width: box.width, height: box.height }),
    [box],
  );
  return (
    <div className={styles.region} style={style} data-depth={box.depth % 3} data-region={box.loop}>
      {full && (
        <div className={styles.regionTitle}>
          <span className={styles.regionName}>{name}</span>
          {run?.iterations && (
            <span className={styles.iterations}>
              {run.iterations.done} of {run.iterations.of ?? "?"}
            </span>
          )}
        </div>
      )}
      {run?.iterations?.of && run.iterations.done < run.iterations.of ? (
        <div className={styles.progress}>
          <div style={{ transform: `scaleX(${Math.min(run.iterations.done / run.iterations.of, 1)})` }} />
        </div>
      ) : null}
    </div>
  );
}

function nameOf(workflow: Workflow, types: NodeTypes, loop: string): string {
  const node = workflow.nodes.find((one) => one.id === loop);
  return node === undefined ? loop : nodeName(node, types.get(node.type));
}
