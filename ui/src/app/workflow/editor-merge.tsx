/** Two people on one workflow: whoever saves second is shown what the first saved, and brings both together. */
import { Alert, Button, Group } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { fromDefinition, isDirty, useEditor, useEditorStore } from "@/features/editor";
import { MergeDialog } from "@/features/versions";
import { type MyWorkflow, workflowQuery } from "@/shared/api/workflow";
import { notifyDone } from "@/shared/ui/notify";
import styles from "./editor-merge.module.css";

export function EditorMerge() {
  const workflowId = useEditor((state) => state.workflowId);
  const known = useEditor((state) => state.saved.revision);
  const { data } = useQuery(workflowQuery(workflowId));
  const newer = data && data.data.revision > known ? data.data : null;
  return newer && <Stale current={newer} />;
}

function Stale({ current }: { current: MyWorkflow }) {
  const store = useEditorStore();
  const dirty = useEditor(isDirty);
  const [merging, setMerging] = useState(false);
  const { revision } = current;
  const theirs = fromDefinition(current.definition);
  const adopt = (label: string, workflow: typeof theirs) => {
    store.getState().adopt(label, workflow, { revision, definition: theirs });
    setMerging(false);
  };
  const { saved, history } = store.getState();
  return (
    <div className={styles.place}>
      <Alert
        color="orange"
        icon={<IconUsers aria-hidden="true" />}
        title="Somebody else has saved this workflow"
      >
        <Group gap="sm">
          <span>
            Revision {revision} is newer than what you {dirty ? "are changing" : "see"}.
          </span>
          {dirty ? (
            <Button size="compact-sm" onClick={() => setMerging(true)}>
              Compare and merge
            </Button>
          ) : (
            <Button size="compact-sm" onClick={() => adopt(`Revision ${revision}`, theirs)}>
              Show it
            </Button>
          )}
        </Group>
      </Alert>
      {merging && (
        <MergeDialog
          base={saved.definition}
          mine={history.present}
          theirs={theirs}
          revision={revision}
          onMerge={(merged) => {
            adopt(`Merge with revision ${revision}`, merged);
            notifyDone("Both are merged. Look at it, then save.");
          }}
          onTakeTheirs={() => adopt(`Revision ${revision}`, theirs)}
          onClose={() => setMerging(false)}
        />
      )}
    </div>
  );
}
