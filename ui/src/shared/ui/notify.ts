/** Short messages at the edge of the page. Errors say what to do, and stay until they are read. */
import { notifications } from "@mantine/notifications";
import { ApiError } from "../api/errors";

export function notifyDone(message: string): void {
  notifications.show({ message, color: "teal", autoClose: 4000 });
}

/** `doing` is what was tried, as "publish the workflow". */
export function notifyError(doing: string, error: unknown): void {
  const remedy = error instanceof ApiError && error.remedy ? ` ${error.remedy}` : "";
  const message = error instanceof Error ? error.message : String(error);
  notifications.show({
    title: `Could not ${doing}`,
    message: `${message}${remedy}`,
    color: "red",
    autoClose: 15_000,
  });
}
