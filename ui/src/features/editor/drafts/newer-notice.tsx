/** Says that somebody else has saved, or that something was left unsaved here before they did. */
import { Button, Group, Text } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { type ReactNode, useEffect } from "react";
import { countDifferences, diff } from "@/graph/diff";
import { useSession } from "@/shared/api/session";
import type { MyWorkflow } from "@/shared/api/workflow";
import { downloadDefinition } from "@/shared/drafts/download";
import { flushDrafts } from "@/shared/schema-form/use-draft";
import { notifyDone } from "@/shared/ui/notify";
import { TimeAgo } from "@/shared/ui/time-ago";
import { fromDefinition } from "../definition";
import { bringTogether, takeIn } from "../stale";
import { useOnStale } from "../stale-context";
import { isDirty, useEditor, useEditorStore } from "../store";
import { useOthers } from "../use-others";
import styles from "./notice.module.css";
import { useDrafts } from "./use-drafts";

interface Props {
  current: MyWorkflow;
  /** Whether something is being saved just now. */
  saving: boolean;
}

export function NewerNotice({ current, saving }: Props) {
  const said = savedBy(useOthers(current, saving), current.revision);
  const onStale = useOnStale();
  const store = useEditorStore();
  const { pending, settled } = useDrafts();
  const revision = useEditor(({ saved }) => saved.revision);
  const dirty = useEditor(isDirty);
  const readOnly = useEditor((state) => state.readOnly);
  const isNewer = current.revision > revision && !saving;

  useEffect(() => {
    if (!isNewer) return;
    // What is just being typed would else be put over what they saved, and nobody asked.
    flushDrafts();
    const definition = fromDefinition(current.definition);
    const { history, markSaved } = store.getState();
    if (isDirty(store.getState())) {
      // In another tab the same was saved that is here.
      if (countDifferences(diff(history.present, definition)) === 0)
        markSaved(current.revision, history.present, definition);
      return;
    }
    store.getState().adopt("Take over what somebody else saved", definition, {
      revision: current.revision,
      definition,
    });
    notifyDone(`${said}: you see it now.`);
  }, [isNewer, current, store, said]);

  if (pending !== null) {
    const { base, workflow } = pending;
    return (
      <Notice
        text={
          <>
            {readOnly && "You may only look at this workflow now. "}You left{" "}
            {differences(countDifferences(diff(base, workflow)))} unsaved <TimeAgo time={pending.at} />
            {pending.revision < current.revision ? "; it was saved anew since." : " in another tab."}
          </>
        }
        merge={readOnly ? undefined : () => takeIn(store, { base, workflow }, onStale, settled)}
        download={() => downloadDefinition(workflow)}
        drop={settled}
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
      text={`${said} while you were editing here.`}
      merge={() => bringTogether(store, current, mine(), onStale)}
    />
  );
}

function savedBy(who: string | null, revision: number): string {
  if (who === null) return `Somebody else has saved version ${revision}`;
  if (who === useSession.getState().user?.username) return `You have saved version ${revision} elsewhere`;
  return `${who} has saved version ${revision}`;
}

function differences(count: number): string {
  return count === 1 ? "one change" : `${count} changes`;
}

interface NoticeProps {
  text: ReactNode;
  merge?: (() => void) | undefined;
  drop?: () => void;
  download?: () => void;
}

function Notice({ text, merge, drop, download }: NoticeProps) {
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
      {download && !merge && (
        <Button size="compact-sm" onClick={download}>
          Download it
        </Button>
      )}
      {merge && (
        <Button size="compact-sm" onClick={merge}>
          Show the difference and merge
        </Button>
      )}
    </Group>
  );
}
