/** The value of an expression as it is typed: asked 150 ms after the last key, and what was asked before is given up. */
import { useEffect, useState } from "react";
import type { ExpressionHelp, Mode, Preview } from "./expression/scope";
import { hasExpression } from "./expression/tokens";

const DELAY = 150;

interface Asked {
  text: string;
  mode: Mode;
  names: readonly string[];
  help: ExpressionHelp;
  /** Nothing is asked for fields that nobody is in. */
  active: boolean;
}

export interface PreviewState {
  readonly preview: Preview | null;
  /** The preview is that of an older text. */
  readonly stale: boolean;
}

export function usePreview({ text, mode, names, help, active }: Asked): PreviewState {
  const [known, setKnown] = useState<{ text: string; preview: Preview | null }>({ text: "", preview: null });
  const ask = help.preview;
  const worth =
    active && ask !== null && text.trim() !== "" && (mode === "expression" || hasExpression(text));
  const named = names.join(" ");

  useEffect(() => {
    if (!worth || ask === null) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      ask({ text, mode, names: named ? named.split(" ") : [] }, abort.signal)
        .then((preview) => !abort.signal.aborted && setKnown({ text, preview }))
        .catch(() => undefined);
    }, DELAY);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [worth, ask, text, mode, named]);

  return worth ? { preview: known.preview, stale: known.text !== text } : { preview: null, stale: false };
}
