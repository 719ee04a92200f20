import { Modal, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { CANVAS_KEYS, MOUSE } from "../actions/canvas-keys";
import { KeyCaps } from "../actions/key-caps";
import { ACTIONS, type ActionGroup } from "../actions/table";
import { useEditor } from "../store";
import styles from "./dialogs.module.css";

interface Row {
  label: string;
  keys?: readonly string[];
}

const GROUPS: readonly ActionGroup[] = ["Workflow", "Edit", "Arrange", "View"];

/** All keys of the editor. */
export function ShortcutsDialog() {
  const opened = useEditor(({ page }) => page.dialog === "shortcuts");
  const setPage = useEditor((state) => state.setPage);
  return (
    <Modal opened={opened} onClose={() => setPage({ dialog: null })} title="Keys" size="xl">
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xl" verticalSpacing="lg">
        <Stack gap="lg">
          <Keys title="By mouse" rows={MOUSE} />
          <Keys title="On the canvas" rows={CANVAS_KEYS} />
        </Stack>
        <Stack gap="lg">
          {GROUPS.map((group) => (
            <Keys
              key={group}
              title={group}
              rows={ACTIONS.filter((action) => action.group === group && action.keys !== undefined)}
            />
          ))}
        </Stack>
      </SimpleGrid>
    </Modal>
  );
}

function Keys({ title, rows }: { title: string; rows: readonly Row[] }) {
  return (
    <section>
      <Title order={3} size="sm" mb={6}>
        {title}
      </Title>
      <dl className={styles.keys}>
        {rows.map(({ label, keys = [] }) => (
          <div key={label} className={styles.row}>
            <Text component="dt" size="sm">
              {label}
            </Text>
            <dd className={styles.caps}>
              {keys.map((one) => (
                <KeyCaps key={one} keys={one} />
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
