/**
 * Tooltips of a drawing: one for all of it, for whatever carries `data-hint`. A tooltip of its own for each port of
 * thousands of steps would cost more than the steps.
 */
import { type RefObject, useEffect, useState } from "react";
import styles from "./graph-view.module.css";

interface Hint {
  readonly text: string;
  readonly left: number;
  readonly top: number;
  readonly below: boolean;
}

const DELAY = 350;

export function Hints({ within }: { within: RefObject<HTMLElement | null> }) {
  const [hint, setHint] = useState<Hint | null>(null);
  useEffect(() => {
    const root = within.current;
    if (root === null) return;
    return watch(root, setHint);
  }, [within]);
  if (hint === null) return null;
  return (
    <div
      className={styles.hint}
      role="tooltip"
      data-below={hint.below || undefined}
      style={{ left: hint.left, top: hint.top }}
    >
      {hint.text}
    </div>
  );
}

function watch(root: HTMLElement, show: (hint: Hint | null) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current: Element | null = null;
  const over = (event: PointerEvent) => {
    const element = event.target instanceof Element ? event.target.closest("[data-hint]") : null;
    if (element === current) return;
    hide();
    current = element;
    if (element !== null) timer = setTimeout(() => show(hintOf(element)), DELAY);
  };
  const hide = () => {
    clearTimeout(timer);
    current = null;
    show(null);
  };
  root.addEventListener("pointerover", over);
  root.addEventListener("pointerdown", hide, true);
  root.addEventListener("wheel", hide, { passive: true });
  root.addEventListener("pointerleave", hide);
  return () => {
    clearTimeout(timer);
    root.removeEventListener("pointerover", over);
    root.removeEventListener("pointerdown", hide, true);
    root.removeEventListener("wheel", hide);
    root.removeEventListener("pointerleave", hide);
  };
}

function hintOf(element: Element): Hint {
  const box = element.getBoundingClientRect();
  const below = box.top < 120;
  return {
    text: element.getAttribute("data-hint") ?? "",
    left: Math.max(150, Math.min(box.left + box.width / 2, window.innerWidth - 150)),
    top: below ? box.bottom + 8 : box.top - 8,
    below,
  };
}
