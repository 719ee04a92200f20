/** The page on which a workflow is drawn. */
import { Loader } from "@mantine/core";
import { ErrorState } from "@/shared/ui/error-state";
import { Canvas } from "../canvas/canvas";
import styles from "../editor.module.css";
import { EditorHeader } from "../header/editor-header";
import { SidePanel } from "../panel";
import { EditorStoreProvider } from "../store";
import { useOpened } from "../use-opened";

interface Props {
  workflowId: string;
}

export function EditorPage({ workflowId }: Props) {
  const { store, current, error, retry } = useOpened(workflowId);
  if (error) return <ErrorState error={error} doing="open the workflow" retry={retry} />;
  if (store === null || current === null) return <Opening />;
  return (
    <EditorStoreProvider value={store}>
      <EditorHeader current={current} />
      <div className={styles.editor}>
        <div className={styles.canvas}>
          <Canvas />
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
