/** What can be done with several nodes at once. */
import { ActionIcon, Button, Group, Stack, Text, Tooltip } from "@mantine/core";
import {
  IconLayoutAlignBottom,
  IconLayoutAlignCenter,
  IconLayoutAlignLeft,
  IconLayoutAlignMiddle,
  IconLayoutAlignRight,
  IconLayoutAlignTop,
  IconLayoutDistributeHorizontal,
  IconLayoutDistributeVertical,
  IconPower,
  IconTrash,
} from "@tabler/icons-react";
import { type Axis, align, distribute, type Edge } from "@/graph/commands/arrange";
import { removeSelection, setDisabled } from "@/graph/commands/nodes";
import { useEditor, useEditorStore } from "../store";
import { CloseButton } from "./close-button";
import classes from "./panel.module.css";

const EDGES: { edge: Edge; words: string; icon: typeof IconTrash }[] = [
  { edge: "left", words: "Align left edges", icon: IconLayoutAlignLeft },
  { edge: "center", words: "Align centres, one below the other", icon: IconLayoutAlignCenter },
  { edge: "right", words: "Align right edges", icon: IconLayoutAlignRight },
  { edge: "top", words: "Align top edges", icon: IconLayoutAlignTop },
  { edge: "middle", words: "Align middles, side by side", icon: IconLayoutAlignMiddle },
  { edge: "bottom", words: "Align bottom edges", icon: IconLayoutAlignBottom },
];
const AXES: { axis: Axis; words: string; icon: typeof IconTrash }[] = [
  {
    axis: "horizontal",
    words: "The same space between each two, from left to right",
    icon: IconLayoutDistributeVertical,
  },
  {
    axis: "vertical",
    words: "The same space between each two, from top to bottom",
    icon: IconLayoutDistributeHorizontal,
  },
];

interface Props {
  ids: ReadonlySet<string>;
  onClose: () => void;
}

export function Several({ ids, onClose }: Props) {
  const store = useEditorStore();
  const readOnly = useEditor((state) => state.readOnly);
  const nodes = useEditor((state) => state.history.present.nodes);
  const chosen = nodes.filter((node) => ids.has(node.id));
  const allOff = chosen.every((node) => node.disabled);
  const { change, nodeTypes, selection } = store.getState();
  const count = `${chosen.length} nodes`;
  return (
    <>
      <header className={classes.header}>
        <div className={classes.titles}>
          <Text component="h2" fw={650} size="md">
            {count} selected
          </Text>
        </div>
        <div className={classes.actions}>
          <CloseButton onClose={onClose} />
        </div>
      </header>
      <Stack gap="lg" className={classes.body}>
        {!readOnly && (
          <>
            <section>
              <Text size="sm" fw={600} mb={6}>
                Align
              </Text>
              <Group gap={4}>
                {EDGES.map(({ edge, words, icon }) => (
                  <Tool
                    key={edge}
                    words={words}
                    icon={icon}
                    onClick={() => change({ label: `Align ${count}`, apply: align(ids, edge, nodeTypes) })}
                  />
                ))}
              </Group>
            </section>
            <section>
              <Text size="sm" fw={600} mb={6}>
                Spread evenly
              </Text>
              <Group gap={4}>
                {AXES.map(({ axis, words, icon }) => (
                  <Tool
                    key={axis}
                    words={words}
                    icon={icon}
                    onClick={() =>
                      change({ label: `Spread ${count}`, apply: distribute(ids, axis, nodeTypes) })
                    }
                  />
                ))}
              </Group>
            </section>
            <Group gap="xs">
              <Button
                size="xs"
                variant="default"
                leftSection={<IconPower size={14} />}
                onClick={() =>
                  change({
                    label: `Switch ${allOff ? "on" : "off"} ${count}`,
                    apply: setDisabled(ids, !allOff),
                  })
                }
              >
                {allOff ? "Switch on" : "Switch off"}
              </Button>
              <Button
                size="xs"
                variant="light"
                color="red"
                leftSection={<IconTrash size={14} />}
                onClick={() => {
                  change({ label: `Delete ${count}`, apply: removeSelection(selection) });
                  store.getState().select({});
                }}
              >
                Delete
              </Button>
            </Group>
          </>
        )}
        <section>
          <Text size="sm" fw={600} mb={6}>
            Selected
          </Text>
          <ul className={classes.plain}>
            {chosen.map((node) => (
              <li key={node.id}>
                <Button
                  variant="subtle"
                  color="gray"
                  size="compact-sm"
                  onClick={() => store.getState().select({ nodes: new Set([node.id]) })}
                >
                  {node.name || nodeTypes.get(node.type)?.title || node.id}
                </Button>
              </li>
            ))}
          </ul>
        </section>
      </Stack>
    </>
  );
}

interface ToolProps {
  words: string;
  icon: typeof IconTrash;
  onClick: () => void;
}

function Tool({ words, icon: Shown, onClick }: ToolProps) {
  return (
    <Tooltip label={words}>
      <ActionIcon variant="default" size="lg" onClick={onClick} aria-label={words}>
        <Shown size={18} />
      </ActionIcon>
    </Tooltip>
  );
}
