/** Copying and pasting parts of workflows as text, within a tab, between tabs, and from anywhere else. */
import { notifications } from "@mantine/notifications";
import { useEffect } from "react";
import type { Position } from "@/graph/workflow";
import { type EditorStore, useEditorStore } from "../store";
import { copiedText, pasteText, refuse, removeSelected } from "./editing";
import { isTyping } from "./hits";

/** By the clipboard events of the browser: they ask for no permission. */
export function useClipboard(): void {
  const store = useEditorStore();
  useEffect(() => {
    const copy = (event: ClipboardEvent) => put(store, event);
    const cut = (event: ClipboardEvent) => {
      if (put(store, event) && !store.getState().readOnly) removeSelected(store);
    };
    const paste = (event: ClipboardEvent) => {
      if (isTyping(event.target) || store.getState().readOnly || !isHere()) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (pasteText(store, text, store.getState().canvas?.place() ?? null)) event.preventDefault();
      else if (text.trim() !== "") sayNothingToPaste();
    };
    document.addEventListener("copy", copy);
    document.addEventListener("cut", cut);
    document.addEventListener("paste", paste);
    return () => {
      document.removeEventListener("copy", copy);
      document.removeEventListener("cut", cut);
      document.removeEventListener("paste", paste);
    };
  }, [store]);
}

/** Whether keys are for the canvas: it has the focus, or nothing has. */
function isHere(): boolean {
  const active = document.activeElement;
  return active === null || active === document.body || active.closest("[data-canvas]") !== null;
}

function put(store: EditorStore, event: ClipboardEvent): boolean {
  if (isTyping(event.target) || !isHere() || !getSelection()?.isCollapsed) return false;
  const text = copiedText(store);
  if (text === null) return false;
  event.clipboardData?.setData("text/plain", text);
  event.preventDefault();
  return true;
}

/** From a menu: there the browser may ask whether it is allowed. */
export async function copySelected(store: EditorStore): Promise<boolean> {
  const text = copiedText(store);
  if (text === null) return false;
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    refuse("The browser does not allow this page to copy. Press Ctrl+C instead.");
    return false;
  }
}

export async function cutSelected(store: EditorStore): Promise<void> {
  if (await copySelected(store)) removeSelected(store);
}

export async function pasteFromClipboard(store: EditorStore, at: Position): Promise<void> {
  try {
    if (!pasteText(store, await navigator.clipboard.readText(), at)) sayNothingToPaste();
  } catch {
    refuse("The browser does not allow this page to read what was copied. Press Ctrl+V instead.");
  }
}

function sayNothingToPaste(): void {
  notifications.show({
    id: "nothing-to-paste",
    message:
      "What was copied is no part of a workflow. Copy steps here or in another tab, or a definition as JSON.",
    color: "yellow",
    autoClose: 5000,
  });
}
