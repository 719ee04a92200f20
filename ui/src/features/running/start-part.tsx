/** Run, with which data, and the test run. */
import { ActionIcon, Button, Group, Menu, Tooltip } from "@mantine/core";
import {
  IconBraces,
  IconChevronDown,
  IconFlask,
  IconPinned,
  IconPlayerPlayFilled,
} from "@tabler/icons-react";
import { useState } from "react";
import { useStore } from "zustand";
import styles from "./running.module.css";
import { type RunStore, startsBy } from "./store";
import { TriggerDialog } from "./trigger/trigger-dialog";

interface Props {
  store: RunStore;
  /** Whether something has been run already: then the rest of the bar is about that. */
  again: boolean;
}

export function StartPart({ store, again }: Props) {
  const [choosing, setChoosing] = useState(false);
  const busy = useStore(store, (state) => state.busy);
  const refusal = useStore(store, ({ host }) => refusalOf(host?.workflow.nodes.length ?? 0, host?.mayRun));
  const off = busy !== null || refusal !== null;
  return (
    <Group gap={6} wrap="nowrap" className={again ? styles.parted : undefined}>
      <Tooltip label={refusal ?? "Run the whole workflow (Ctrl+Enter)"}>
        <Button.Group>
          <Button
            size="xs"
            leftSection={<IconPlayerPlayFilled size={15} />}
            loading={busy === "starting"}
            data-disabled={off || undefined}
            onClick={() => !off && void store.getState().start({ kind: "all" })}
          >
            Run
          </Button>
          <RunMenu store={store} />
        </Button.Group>
      </Tooltip>
      <DataButton store={store} onOpen={() => setChoosing(true)} />
      <Tooltip label="Shows what each step would do. Nothing outside is changed.">
        <Button
          size="xs"
          variant="default"
          leftSection={<IconFlask size={16} />}
          loading={busy === "testing"}
          data-disabled={off || undefined}
          onClick={() => !off && void store.getState().test()}
        >
          Test
        </Button>
      </Tooltip>
      <TriggerDialog store={store} opened={choosing} onClose={() => setChoosing(false)} />
    </Group>
  );
}

/** The data that runs begin with; where some are pinned too, it says which are taken. */
function DataButton({ store, onOpen }: { store: RunStore; onOpen: () => void }) {
  const takesPin = useStore(store, (state) => state.takesPin && state.usePins);
  // Null where nothing is pinned that could be taken.
  const name = useStore(store, (state) => {
    const trigger = state.host?.mayEdit ? startsBy(state) : undefined;
    return trigger?.pinned === undefined ? null : trigger.name;
  });
  const pinned = name !== null;
  const why = takesPin
    ? `Runs begin with what is pinned at “${name}”. Click to give them other data.`
    : `Runs begin with the data that you gave, not with what is pinned at “${name}”.`;
  return (
    <Tooltip label={pinned ? why : "The data that the trigger hands over"} multiline maw={300}>
      <Button
        size="xs"
        variant="default"
        leftSection={pinned && takesPin ? <IconPinned size={16} /> : <IconBraces size={16} />}
        onClick={onOpen}
      >
        Data{pinned && <span className={styles.which}>{takesPin ? "pinned" : "mine"}</span>}
      </Button>
    </Tooltip>
  );
}

function refusalOf(nodes: number, mayRun: boolean | undefined): string | null {
  if (mayRun === false) return "You may look at this workflow, but not run it.";
  return nodes === 0 ? "There is nothing to run yet: add a step first." : null;
}

function RunMenu({ store }: { store: RunStore }) {
  const usePins = useStore(store, (state) => state.usePins);
  const breakpoints = useStore(store, (state) => state.breakpoints);
  return (
    <Menu position="top-end" width={290}>
      <Menu.Target>
        <ActionIcon size={30} variant="filled" color="wing" aria-label="How to run" className={styles.more}>
          <IconChevronDown size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          role="menuitemcheckbox"
          aria-checked={usePins}
          closeMenuOnClick={false}
          rightSection={usePins ? "On" : "Off"}
          onClick={() => store.getState().setUsePins(!usePins)}
        >
          Take pinned outputs
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>
          {breakpoints.size === 0
            ? "To stop before a step, open its menu."
            : `Stops before ${breakpoints.size === 1 ? "1 step" : `${breakpoints.size} steps`}`}
        </Menu.Label>
        <Menu.Item
          disabled={breakpoints.size === 0}
          onClick={() => {
            for (const node of breakpoints) store.getState().toggleBreakpoint(node);
          }}
        >
          Stop nowhere
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
