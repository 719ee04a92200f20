/** Saving with a word about what has changed. Ctrl+S saves without asking for any. */
import { Button, Group, Modal, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { notifyDone, notifyError } from "@/shared/ui/notify";
import { describeRevision } from "../api";
import { useEditor, useEditorStore } from "../store";
import type { Saving } from "../use-save";
import { WhatChanged } from "./what-changed";

export function MessageDialog({ saving }: { saving: Saving }) {
  const opened = useEditor(({ page }) => page.dialog === "message");
  const setPage = useEditor((state) => state.setPage);
  const close = () => setPage({ dialog: null });
  return (
    <Modal opened={opened} onClose={close} title="Save with a message">
      <Content saving={saving} onClose={close} />
    </Modal>
  );
}

function Content({ saving, onClose }: { saving: Saving; onClose: () => void }) {
  const store = useEditorStore();
  const [message, setMessage] = useState("");
  const saved = useMutation({
    mutationFn: async () => {
      // Why it could not be saved is said where that is known.
      if (!(await saving.save())) return null;
      const { workflowId, saved } = store.getState();
      return describeRevision(workflowId, saved.revision, message.trim());
    },
    onSuccess: (version) => {
      if (version === null) return;
      notifyDone(`Version ${version.revision} is saved with your message.`);
      onClose();
    },
    onError: (error) => notifyError("keep the message", error),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        saved.mutate();
      }}
    >
      <Stack>
        <WhatChanged value={message} onChange={setMessage} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={saved.isPending} disabled={message.trim() === ""}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
