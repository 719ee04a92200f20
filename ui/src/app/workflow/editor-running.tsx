/** Running within the editor: it runs what is drawn, and the canvas shows what becomes of it. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { isDirty, useEditor, useEditorStore, useSave } from "@/features/editor";
import { RunBar, type RunStore, useRunStates } from "@/features/running";
import { pin } from "@/graph/commands/nodes";
import { type MyWorkflow, workflowQuery } from "@/shared/api/workflow";
import { links } from "../links";

export function EditorRunning({ run }: { run: RunStore }) {
  const workflowId = useEditor((state) => state.workflowId);
  const { data } = useQuery(workflowQuery(workflowId));
  return data ? <Running run={run} current={data.data} /> : null;
}

function Running({ run, current }: { run: RunStore; current: MyWorkflow }) {
  const store = useEditorStore();
  const workflow = useEditor((state) => state.history.present);
  const nodeTypes = useEditor((state) => state.nodeTypes);
  const readOnly = useEditor((state) => state.readOnly);
  const mayRun = current.my_permissions.includes("execute");
  const saving = useSave(current);
  const save = useRef(saving.save);
  save.current = saving.save;
  useEffect(() => {
    run.getState().setHost({
      workflow,
      nodeTypes,
      mayRun,
      mayEdit: !readOnly,
      save: async () => !isDirty(store.getState()) || save.current(),
      showProblems: () => store.getState().setPage({ listing: true }),
      show: (node) => store.getState().show(node),
      pin: (node, output) =>
        store.getState().change({
          label: output === undefined ? "Take the pinned output away" : "Pin the output",
          apply: pin(node, output),
        }),
    });
  }, [run, store, workflow, nodeTypes, readOnly, mayRun]);
  const states = useRunStates(run);
  useEffect(() => store.getState().showRun(states), [store, states]);
  return <RunBar store={run} executionLink={links.execution} />;
}
