/** The page on which a workflow is drawn. */
import { Loader } from "@mantine/core";
import type { ReactNode } from "react";
import { ErrorState } from "@/shared/ui/error-state";
import { Canvas } from "../canvas/canvas";
import type { StepAction } from "../canvas/menus/step-action";
import styles from "../editor.module.css";
import { EditorHeader } from "../header/editor-header";
import { SidePanel } from "../panel";
import { EditorStoreProvider } from "../store";
import { useOpened } from "../use-opened";

interface Props {
  workflowId: string;
  /** More that can be done with a step, and where runs stop: of whoever runs the workflow. */
  stepActions?: readonly StepAction[];
  breakpoints?: ReadonlySet<string>;
  /** What lies over the canvas; it may use the store of the editor. */
  children?: ReactNode;
}

export function EditorPage({ workflowId, stepActions, breakpoints, children }: Props) {
  const { store, current, error, retry } = useOpened(workflowId);
  if (error) return <ErrorState error={error} doing="open the workflow" retry={retry} />;
  if (store === null || current === null) return <Opening />;
  return (
    <EditorStoreProvider value={store}>
      <EditorHeader current={current} />
      <div className={styles.editor}>
        <div className={styles.canvas}>
          <Canvas actions={stepActions} breakpoints={breakpoints} />
          {children}
        </div>
        <SidePanel />
      </div>
    </EditorStoreProvider>
  );
}

function Opening() {
  return (
    <div className={styles.opening}>
      <Loader aria-label="The workflow is being opened" />
    </div>
  );
}
