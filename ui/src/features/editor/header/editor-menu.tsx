import { ActionIcon, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { KeyCaps } from "../actions/key-caps";
import { ACTIONS, type Desk } from "../actions/table";
import { useEditorStore } from "../store";

const SHOWN = new Set([
  "Save with a message",
  "Settings",
  "Find in the workflow",
  "Tidy up",
  "Import JSON",
  "Export as JSON",
  "List of keys",
]);

/** What is done less often. */
export function EditorMenu({ desk }: { desk: Desk }) {
  const store = useEditorStore();
  return (
    <Menu position="bottom-end" width={250} withinPortal>
      <Menu.Target>
        <ActionIcon size={30} aria-label="More">
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {ACTIONS.filter((action) => SHOWN.has(action.label)).map((action) => (
          <Menu.Item
            key={action.label}
            disabled={!(action.isFor?.(store.getState()) ?? true)}
            rightSection={action.keys?.[0] && <KeyCaps keys={action.keys[0]} />}
            onClick={() => action.run(desk)}
          >
            {action.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
