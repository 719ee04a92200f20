/** The grammar of each language, loaded when it is first needed. */
import type { Extension } from "@codemirror/state";
import type { CodeLanguage } from "./types";

const LOADERS: Record<CodeLanguage, () => Promise<Extension>> = {
  text: async () => [],
  markdown: async () => [],
  json: async () => {
    const { json } = await import("@codemirror/lang-json");
    return json();
  },
  python: async () => {
    const [{ python }, { indentUnit }] = await Promise.all([
      import("@codemirror/lang-python"),
      import("@codemirror/language"),
    ]);
    return [python(), indentUnit.of("    ")];
  },
  javascript: async () => {
    const { javascript } = await import("@codemirror/lang-javascript");
    return javascript();
  },
};

export function loadLanguage(language: CodeLanguage): Promise<Extension> {
  return LOADERS[language]();
}
