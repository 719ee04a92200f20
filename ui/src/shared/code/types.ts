/** What the code editor is told. Kept apart from it, so that nobody loads CodeMirror to know its properties. */
import type { ExpressionHelp, Mode } from "./expression/scope";

export type CodeLanguage = "text" | "json" | "python" | "javascript" | "markdown";

/** Something wrong in the text, underlined; with a fix that one click applies. */
export interface CodeFault {
  readonly from: number;
  readonly to: number;
  readonly message: string;
  readonly severity: "error" | "warning";
  readonly fix?: { readonly label: string; readonly insert: string };
}

export interface CodeHandle {
  focus(): void;
  /** Puts the expression of a value where the cursor is, in braces where they are needed. */
  insertExpression(expression: string): void;
}

export interface CodeEditorProps {
  value: string;
  onChange?: (value: string) => void;
  onFocus?: () => void;
  onBlur?: () => void;
  language: CodeLanguage;
  /** The whole text is one expression, or expressions stand in it between `{{ }}`. */
  expressions?: Mode;
  help?: ExpressionHelp;
  faults?: readonly CodeFault[];
  /** How it is announced. */
  label: string;
  describedBy?: string;
  placeholder?: string;
  readOnly?: boolean;
  invalid?: boolean;
  autoFocus?: boolean;
  /** One line grows no further; Enter does nothing in it. */
  singleLine?: boolean;
  lineNumbers?: boolean;
  minHeight?: number;
  maxHeight?: number | string;
  ref?: React.Ref<CodeHandle>;
}
