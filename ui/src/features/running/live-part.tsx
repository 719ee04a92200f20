/** What becomes of the run: how it stands, for how long, and what can be done about it. */
import { ActionIcon, Anchor, Button, Group, Text, Tooltip } from "@mantine/core";
import {
  IconExternalLink,
  IconListDetails,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerSkipForwardFilled,
  IconPlayerStopFilled,
  IconX,
} from "@tabler/icons-react";
import { useStore } from "zustand";
import { isOver, type LiveExecution } from "@/shared/live/fold";
import { Duration } from "@/shared/ui/duration";
import { StatusBadge } from "@/shared/ui/status-badge";
import styles from "./running.module.css";
import type { RunStore } from "./store";
import { useClock } from "./use-clock";
import { nameOf, wordsOf } from "./words";

interface Props {
  store: RunStore;
  live: LiveExecution | null;
  link: string;
  opened: boolean;
  onToggle: () => void;
}

export function LivePart({ store, live, link, opened, onToggle }: Props) {
  const over = isOver(live?.status ?? null) || live?.refusal != null;
  return (
    <Group gap={8} wrap="nowrap" className={styles.live}>
      <div role="status" className={styles.status}>
        <StatusBadge status={live?.status ?? "pending"} />
        <Words store={store} live={live} />
      </div>
      <Time live={live} />
      {live?.status === "paused" && <Going store={store} />}
      {!over && <Steering store={store} paused={live?.status === "paused"} />}
      <Group gap={2} wrap="nowrap" className={styles.end}>
        <Tooltip label={opened ? "Hide the steps" : "Show the steps"}>
          <ActionIcon size={34} aria-label="Steps of this run" aria-expanded={opened} onClick={onToggle}>
            <IconListDetails size={18} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Open this run on a page of its own">
          <Anchor href={link} className={styles.link} aria-label="Open this run">
            <IconExternalLink size={18} />
          </Anchor>
        </Tooltip>
        {over && (
          <Tooltip label="Take the run off the canvas">
            <ActionIcon size={34} aria-label="Take the run off the canvas" onClick={store.getState().clear}>
              <IconX size={18} />
            </ActionIcon>
          </Tooltip>
        )}
      </Group>
    </Group>
  );
}

function Words({ store, live }: { store: RunStore; live: LiveExecution | null }) {
  const host = useStore(store, (state) => state.host);
  const words = live && wordsOf(live, (node) => nameOf(host, node));
  if (!words) return null;
  const node = live.restsAt[0]?.node ?? live.error?.node ?? null;
  const known = node !== null && host?.workflow.nodes.some(({ id }) => id === node);
  return (
    <Tooltip label={words} multiline maw={420}>
      {known ? (
        <Anchor component="button" size="sm" className={styles.words} onClick={() => host?.show(node)}>
          {words}
        </Anchor>
      ) : (
        <Text size="sm" className={styles.words}>
          {words}
        </Text>
      )}
    </Tooltip>
  );
}

function Time({ live }: { live: LiveExecution | null }) {
  const now = useClock(live !== null && !isOver(live.status));
  if (!live) return null;
  const since = live.startedAt === null ? null : now - Date.parse(live.startedAt);
  const passed = isOver(live.status) ? live.durationMs : since;
  return (
    <Text component="span" size="sm" c="dimmed" className={styles.time}>
      <Duration seconds={passed === null ? null : Math.max(0, passed / 1000)} />
    </Text>
  );
}

function Going({ store }: { store: RunStore }) {
  const busy = useStore(store, (state) => state.busy !== null);
  return (
    <Button.Group>
      <Button
        size="xs"
        leftSection={<IconPlayerPlayFilled size={14} />}
        disabled={busy}
        onClick={() => void store.getState().resume("continue")}
      >
        Continue
      </Button>
      <Tooltip label="Go on to the next step, and stop before it">
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlayerSkipForwardFilled size={14} />}
          disabled={busy}
          onClick={() => void store.getState().resume("step")}
        >
          One step
        </Button>
      </Tooltip>
    </Button.Group>
  );
}

function Steering({ store, paused }: { store: RunStore; paused: boolean }) {
  const busy = useStore(store, (state) => state.busy === "steering");
  return (
    <ActionIcon.Group>
      {!paused && (
        <Tooltip label="Pause after the steps that are under way">
          <ActionIcon
            size={34}
            aria-label="Pause"
            disabled={busy}
            onClick={() => void store.getState().pause()}
          >
            <IconPlayerPauseFilled size={17} />
          </ActionIcon>
        </Tooltip>
      )}
      <Tooltip label="End this run now">
        <ActionIcon
          size={34}
          color="red"
          variant="light"
          aria-label="Stop"
          disabled={busy}
          onClick={() => void store.getState().stop()}
        >
          <IconPlayerStopFilled size={17} />
        </ActionIcon>
      </Tooltip>
    </ActionIcon.Group>
  );
}
