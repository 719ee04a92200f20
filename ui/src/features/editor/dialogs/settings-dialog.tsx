/** What holds for the workflow as a whole: description, variables, limits. Each change is one to undo, as on the canvas. */
import { Modal, Tabs, Textarea } from "@mantine/core";
import { setAbout } from "@/graph/commands/about";
import { useEditor } from "../store";
import { LimitFields } from "./limit-fields";
import { VariableFields } from "./variable-fields";

export function SettingsDialog() {
  const opened = useEditor(({ page }) => page.dialog === "settings");
  const setPage = useEditor((state) => state.setPage);
  return (
    <Modal
      opened={opened}
      onClose={() => setPage({ dialog: null })}
      title="Settings of the workflow"
      size="xl"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Tabs defaultValue="about" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="about">Description</Tabs.Tab>
          <Tabs.Tab value="variables">Variables</Tabs.Tab>
          <Tabs.Tab value="starts">Starts and limits</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="about">
          <DescriptionField />
        </Tabs.Panel>
        <Tabs.Panel value="variables">
          <VariableFields />
        </Tabs.Panel>
        <Tabs.Panel value="starts">
          <LimitFields />
        </Tabs.Panel>
      </Tabs>
    </Modal>
  );
}

function DescriptionField() {
  const description = useEditor(({ history }) => history.present.description ?? "");
  const readOnly = useEditor((state) => state.readOnly);
  const change = useEditor((state) => state.change);
  return (
    <Textarea
      label="Description"
      description="What the workflow is for, and who looks after it."
      autosize
      minRows={5}
      maxRows={18}
      maxLength={100_000}
      value={description}
      readOnly={readOnly}
      onChange={(event) =>
        change({
          label: "Change the description",
          key: "description",
          apply: setAbout("description", event.currentTarget.value),
        })
      }
    />
  );
}
