/** The page on which a workflow is drawn. */
import { Center, Loader, Stack } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { type ReactNode, useEffect, useMemo } from "react";
import type { MyWorkflow } from "@/shared/api/workflow";
import { UnsavedWork } from "@/shared/drafts/unsaved-work";
import { ErrorState } from "@/shared/ui/error-state";
import { CommandPalette } from "../actions/command-palette";
import { useActionKeys } from "../actions/use-action-keys";
import { Canvas } from "../canvas/canvas";
import type { StepAction } from "../canvas/menus/step-action";
import { focusCanvas } from "../canvas/show-step";
import { ImportDialog } from "../dialogs/import-dialog";
import { LeaveDialog } from "../dialogs/leave-dialog";
import { MessageDialog } from "../dialogs/message-dialog";
import { PublishDialog } from "../dialogs/publish-dialog";
import { SettingsDialog } from "../dialogs/settings-dialog";
import { ShortcutsDialog } from "../dialogs/shortcuts-dialog";
import { LostNotice } from "../drafts/lost-notice";
import { NewerNotice } from "../drafts/newer-notice";
import styles from "../editor.module.css";
import { FindBar } from "../find/find-bar";
import { EditorHeader } from "../header/editor-header";
import { SidePanel } from "../panel";
import type { OnStale } from "../stale";
import { OnStaleProvider } from "../stale-context";
import { EditorStoreProvider, useEditor, useEditorStore } from "../store";
import { useAddressedNode } from "../use-addressed-node";
import { useDoing } from "../use-doing";
import { useOpened } from "../use-opened";
import { useSave } from "../use-save";
import { ProblemsPanel } from "../validation/problems-panel";
import { useValidation } from "../validation/use-validation";

/** What other features bring into the page; all of it is drawn within the editor's store. */
export interface EditorSlots {
  /** Buttons in the header, as running. */
  readonly tools?: ReactNode;
  /** Beneath the canvas, as what ran. */
  readonly dock?: ReactNode;
  /** More that can be done with a step. */
  readonly stepActions?: readonly StepAction[];
  readonly breakpoints?: ReadonlySet<string>;
  /** What lies over the canvas. */
  readonly children?: ReactNode;
  /** Somebody else has saved: shows both, and goes on with `accept`. Without it, both are brought together unasked. */
  readonly onStale?: OnStale;
}

interface Props extends EditorSlots {
  workflowId: string;
}

export function EditorPage({ workflowId, onStale, ...slots }: Props) {
  const { store, current, error, lost, retry } = useOpened(workflowId);
  if (error) {
    return (
      <Center p="xl">
        <Stack>
          <ErrorState error={error} doing="open the workflow" retry={retry} />
          <UnsavedWork workflowId={workflowId} />
        </Stack>
      </Center>
    );
  }
  if (store === null || current === null) return <Opening />;
  return (
    <EditorStoreProvider value={store}>
      <OnStaleProvider value={onStale}>
        <Editor current={current} lost={lost} {...slots} />
      </OnStaleProvider>
    </EditorStoreProvider>
  );
}

interface EditorProps extends Omit<EditorSlots, "onStale"> {
  current: MyWorkflow;
  lost: Error | null;
}

function Editor({ current, lost, tools, dock, stepActions, breakpoints, children }: EditorProps) {
  const store = useEditorStore();
  const saving = useSave(current);
  const desk = useMemo(() => ({ store, saving }), [store, saving]);
  useDocumentTitle(`${useEditor(({ history }) => history.present.name)} · Wingbeat`);
  useActionKeys(desk);
  useAddressedNode();
  useDoing();
  useValidation();
  // Whoever opens it can begin: keys are the canvas's, unless somebody is elsewhere already.
  useEffect(() => {
    const { activeElement } = document;
    if (activeElement === document.body || activeElement?.matches("main")) focusCanvas();
  }, []);
  return (
    <>
      <EditorHeader current={current} desk={desk} tools={tools} />
      <div className={styles.editor}>
        <div className={styles.main}>
          <LostNotice current={current} lost={lost} />
          <NewerNotice current={current} saving={saving.busy} />
          <div className={styles.canvas}>
            <Canvas actions={stepActions} breakpoints={breakpoints} />
            {children}
            <FindBar />
          </div>
          <ProblemsPanel />
          {dock}
        </div>
        <SidePanel />
      </div>
      <CommandPalette desk={desk} />
      <PublishDialog saving={saving} />
      <MessageDialog saving={saving} />
      <SettingsDialog />
      <ImportDialog />
      <ShortcutsDialog />
      <LeaveDialog saving={saving} />
    </>
  );
}

function Opening() {
  return (
    <div className={styles.opening}>
      <Loader role="status" aria-label="The workflow is being opened" />
    </div>
  );
}
