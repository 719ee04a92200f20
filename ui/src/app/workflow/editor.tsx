/** The editor of one workflow, with what other features bring into it. */
import { useParams } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { useStore } from "zustand";
import type { ResultProps } from "@/features/editor";
import { EditorPage } from "@/features/editor/pages/editor";
import { createRunStore, stepActions } from "@/features/running";
import { useMerging } from "./editor-merge";
import { EditorResult } from "./editor-result";
import { EditorRunning } from "./editor-running";
import { WithPanelSlots } from "./with-panel-slots";

export function Editor() {
  const { workflowId } = useParams({ strict: false });
  return <EditorOf key={workflowId} workflowId={workflowId ?? ""} />;
}

function EditorOf({ workflowId }: { workflowId: string }) {
  const [run] = useState(() => createRunStore(workflowId));
  const breakpoints = useStore(run, (state) => state.breakpoints);
  const merging = useMerging();
  const actions = useMemo(() => stepActions(run), [run]);
  const result = useCallback((props: ResultProps) => <EditorResult run={run} {...props} />, [run]);
  return (
    <WithPanelSlots result={result}>
      <EditorPage
        workflowId={workflowId}
        stepActions={actions}
        breakpoints={breakpoints}
        dock={<EditorRunning run={run} />}
        onStale={merging.onStale}
      >
        {merging.dialog}
      </EditorPage>
    </WithPanelSlots>
  );
}
