/** What can be done with what was clicked, at the place of the click. */
import { Menu } from "@mantine/core";
import { useCanvas, useCanvasStore } from "../canvas-state";
import { AnnotationMenu } from "./annotation-menu";
import { CanvasMenu } from "./canvas-menu";
import { ConnectionMenu } from "./connection-menu";
import type { StepAction } from "./step-action";
import { StepMenu } from "./step-menu";

export function ContextMenu({ actions }: { actions: readonly StepAction[] }) {
  const menu = useCanvas((state) => state.menu);
  const canvas = useCanvasStore();
  if (menu === null) return null;
  const { at, subject } = menu;
  return (
    <Menu
      key={`${at.x} ${at.y}`}
      opened
      onClose={() => canvas.setState({ menu: null })}
      position="bottom-start"
      offset={2}
      width={252}
      shadow="lg"
      transitionProps={{ duration: 0 }}
    >
      <Menu.Target>
        <span style={{ position: "fixed", left: at.x, top: at.y, width: 1, height: 1 }} />
      </Menu.Target>
      <Menu.Dropdown>
        {subject.kind === "canvas" && <CanvasMenu position={subject.position} at={at} />}
        {subject.kind === "step" && <StepMenu id={subject.id} at={at} actions={actions} />}
        {subject.kind === "connection" && <ConnectionMenu id={subject.id} at={at} />}
        {subject.kind === "annotation" && <AnnotationMenu id={subject.id} />}
      </Menu.Dropdown>
    </Menu>
  );
}
