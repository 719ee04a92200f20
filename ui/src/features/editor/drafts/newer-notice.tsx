/** Says that somebody else has saved, or that something was left unsaved here before they did. */
import { Button, Group, Text } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { type ReactNode, useEffect } from "react";
import { countDifferences, diff } from "@/graph/diff";
import type { MyWorkflow } from "@/shared/api/workflow";
import { flushDrafts } from "@/shared/schema-form/use-draft";
import { notifyDone } from "@/shared/ui/notify";
import { TimeAgo } from "@/shared/ui/time-ago";
import { fromDefinition } from "../definition";
import { bringTogether } from "../stale";
import { useOnStale } from "../stale-context";
import { isDirty, useEditor, useEditorStore } from "../store";
import { useOthers } from "../use-others";
import { dropDraft } from "./draft";
import styles from "./notice.module.css";
import { useDrafts } from "./use-drafts";

interface Props {
  current: MyWorkflow;
  /** Whether something is being saved just now. */
  saving: boolean;
}

export function NewerNotice({ current, saving }: Props) {
  const who = useOthers(current, saving) ?? "Somebody else";
  const onStale = useOnStale();
  const store = useEditorStore();
  const { pending, settled } = useDrafts();
  const revision = useEditor(({ saved }) => saved.revision);
  const dirty = useEditor(isDirty);
  const isNewer = current.revision > revision && !saving;

  useEffect(() => {
    if (!isNewer) return;
    // What is just being typed would else be put over what they saved, and nobody asked.
    flushDrafts();
    if (isDirty(store.getState())) return;
    const definition = fromDefinition(current.definition);
    store.getState().adopt("Take over what somebody else saved", definition, {
      revision: current.revision,
      definition,
    });
    notifyDone(`${who} has saved version ${current.revision}: you see it now.`);
  }, [isNewer, current, store, who]);

  if (pending !== null) {
    const { base, workflow } = pending;
    return (
      <Notice
        text={
          <>
            You left {differences(countDifferences(diff(base, workflow)))} unsaved{" "}
            <TimeAgo time={pending.at} />; somebody else has saved since.
          </>
        }
        merge={() => {
          bringTogether(store, current, { base, workflow }, onStale);
          settled();
        }}
        drop={() => {
          dropDraft(current.workflow_id);
          settled();
        }}
      />
    );
  }
  if (!isNewer || !dirty) return null;
  const mine = () => {
    const { history, saved } = store.getState();
    return { base: saved.definition, workflow: history.present };
  };
  return (
    <Notice
      text={`${who} has saved version ${current.revision} while you were editing.`}
      merge={() => bringTogether(store, current, mine(), onStale)}
    />
  );
}

function differences(count: number): string {
  return count === 1 ? "one change" : `${count} changes`;
}

interface NoticeProps {
  text: ReactNode;
  merge: () => void;
  drop?: () => void;
}

function Notice({ text, merge, drop }: NoticeProps) {
  return (
    <Group className={styles.notice} role="status" gap="sm">
      <IconUsers size={18} aria-hidden="true" />
      <Text size="sm" flex={1}>
        {text}
      </Text>
      {drop && (
        <Button size="compact-sm" variant="default" onClick={drop}>
          Drop mine
        </Button>
      )}
      <Button size="compact-sm" onClick={merge}>
        Show the difference and merge
      </Button>
    </Group>
  );
}
