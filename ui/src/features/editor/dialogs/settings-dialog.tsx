/** What holds for all executions of the workflow. Each change is one to undo, as on the canvas. */
import { Modal } from "@mantine/core";
import { useEditor } from "../store";
import { LimitFields } from "./limit-fields";

export function SettingsDialog() {
  const opened = useEditor(({ page }) => page.dialog === "settings");
  const setPage = useEditor((state) => state.setPage);
  return (
    <Modal opened={opened} onClose={() => setPage({ dialog: null })} title="Settings" size="xl">
      <LimitFields />
    </Modal>
  );
}
