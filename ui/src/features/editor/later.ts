/** A save that could not be: it says so once, and is tried again until it can. */
import { notifications } from "@mantine/notifications";
import { onReturn } from "@/shared/api/reach";
import { notifyDone } from "@/shared/ui/notify";

export interface Later {
  /** Saves what is not saved, if anything is. */
  again: () => Promise<boolean>;
  failed(error: Error): void;
  settled(): void;
  stop(): void;
}

const NOTICE = "saved-later";
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;

export function createLater(): Later {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pause = FIRST_PAUSE_MS;
  let isWaiting = false;
  let listening: (() => void) | undefined;

  const go = () => {
    clearTimeout(timer);
    void later.again().then((isSaved) => isSaved && later.settled());
  };
  const end = () => {
    clearTimeout(timer);
    listening?.();
    listening = undefined;
    isWaiting = false;
    pause = FIRST_PAUSE_MS;
    notifications.hide(NOTICE);
  };
  const later: Later = {
    again: () => Promise.resolve(true),
    failed(error) {
      if (!isWaiting) say(error);
      isWaiting = true;
      listening ??= onReturn(go);
      clearTimeout(timer);
      timer = setTimeout(go, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    },
    settled() {
      if (!isWaiting) return;
      end();
      notifyDone("The server is back, and all is saved.");
    },
    stop: end,
  };
  return later;
}

function say(error: Error): void {
  notifications.show({
    id: NOTICE,
    title: "Not saved yet",
    message: `${error.message} Keep this page open: it is saved by itself as soon as that is possible.`,
    color: "orange",
    autoClose: false,
  });
}
