/** How code looks: the colours are variables of code.module.css, so both schemes work without a new editor. */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colors = HighlightStyle.define([
  {
    tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.controlKeyword],
    color: "var(--code-keyword)",
  },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--code-text)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--code-number)" },
  { tag: [tags.propertyName, tags.attributeName], color: "var(--code-key)" },
  {
    tag: [tags.function(tags.variableName), tags.definition(tags.variableName)],
    color: "var(--code-function)",
  },
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
]);

const surface = EditorView.theme({
  "&": { fontSize: "13px", color: "var(--mantine-color-text)", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  // What is typed is what is seen: no == that looks like one sign.
  ".cm-scroller": {
    fontFamily: "var(--mantine-font-family-monospace)",
    fontVariantLigatures: "none",
    lineHeight: "1.55",
  },
  ".cm-content": { padding: "7px 0", caretColor: "var(--mantine-color-text)" },
  ".cm-line": { padding: "0 10px" },
  // Long lines go below the line numbers when they are scrolled aside.
  ".cm-gutters": { backgroundColor: "var(--code-paper)", border: "none", color: "var(--code-comment)" },
  ".cm-cursor": { borderLeftColor: "var(--mantine-color-text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--code-selection)",
  },
  ".cm-placeholder": { color: "var(--mantine-color-dimmed)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--code-selection)", outline: "none" },
  ".cm-tooltip": {
    backgroundColor: "var(--mantine-color-body)",
    border: "1px solid var(--wb-border)",
    borderRadius: "8px",
    boxShadow: "var(--mantine-shadow-md)",
    color: "var(--mantine-color-text)",
    overflow: "hidden",
    zIndex: "400",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: "var(--mantine-font-family-monospace)",
    fontSize: "12.5px",
    maxHeight: "260px",
    minWidth: "260px",
    maxWidth: "min(560px, 90vw)",
    padding: "4px",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": {
    display: "flex",
    alignItems: "center",
    gap: "6px",
    padding: "3px 8px",
    borderRadius: "5px",
    lineHeight: "1.5",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--mantine-primary-color-filled)",
    color: "#fff",
  },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionDetail": {
    marginLeft: "auto",
    paddingLeft: "20px",
    fontStyle: "normal",
    opacity: "0.75",
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
    maxWidth: "300px",
  },
  ".cm-completionIcon": { opacity: "0.7", width: "1.1em", paddingRight: "0" },
  ".cm-completionIcon-key::after": { content: "'·'", fontWeight: "900" },
  ".cm-completionIcon-name::after": { content: "'≡'" },
  ".cm-tooltip.cm-completionInfo": {
    padding: "8px 12px",
    maxWidth: "340px",
    fontSize: "13px",
    whiteSpace: "pre-wrap",
    lineHeight: "1.45",
  },
  ".cm-diagnostic": { padding: "6px 10px", fontSize: "13px", borderLeftWidth: "3px" },
  ".cm-diagnosticAction": {
    backgroundColor: "var(--mantine-primary-color-filled)",
    borderRadius: "5px",
    padding: "2px 8px",
    marginTop: "4px",
  },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--mantine-color-error) 1px",
    textUnderlineOffset: "3px",
  },
  ".cm-panels": {
    backgroundColor: "var(--wb-surface-sunken)",
    color: "inherit",
    borderColor: "var(--wb-border)",
  },
});

export const look: Extension = [surface, syntaxHighlighting(colors)];
