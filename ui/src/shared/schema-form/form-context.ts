/** What all fields of a form share: where changes go, what expressions may use, and who draws the pickers. */
import { type ComponentType, createContext, useContext } from "react";
import type { Json, JsonObject } from "@/graph/workflow";
import { type ExpressionHelp, NO_HELP } from "../code/expression/scope";
import type { PickerKind, Shape } from "./control";
import type { Aside } from "./relevance";
import type { JsonSchema } from "./schema";
import { dotted, type Path } from "./values";

export interface PickerProps {
  id: string;
  label: string;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  /** Of connections: the kinds that fit. */
  kinds: readonly string[];
  many: boolean;
  invalid: boolean;
  readOnly: boolean;
}

export type Pickers = Partial<Record<PickerKind, ComponentType<PickerProps>>>;

/** The field that a click on a value of the data puts an expression into. */
export interface InsertTarget {
  insert(expression: string): void;
}

/** What containers draw within themselves. Handed to them, since what they draw holds containers again. */
export interface FormParts {
  readonly Fields: ComponentType<FieldsProps>;
  readonly Body: ComponentType<BodyProps>;
}

export interface FieldsProps {
  schema: JsonSchema;
  value: JsonObject;
  path: Path;
  /** They are part of a template: all texts in them are. */
  within: boolean;
  /** Names that are used often. */
  common?: ReadonlySet<string> | undefined;
}

/** What every control gets. */
export interface ControlProps {
  id: string;
  /** How it is announced where its label is not beside it. */
  label: string;
  name: string;
  shape: Shape;
  value: Json | undefined;
  path: Path;
  onChange: (value: Json | undefined) => void;
  /** Somebody types `{{` where a value stands. */
  onExpression: () => void;
  required: boolean;
  invalid: boolean;
  describedBy?: string | undefined;
}

export interface BodyProps extends ControlProps {
  asExpression: boolean;
  focusExpression: boolean;
}

export interface FormServices {
  readonly parts: FormParts;
  readonly root: JsonSchema;
  /** What ids of fields begin with. */
  readonly id: string;
  readonly readOnly: boolean;
  readonly help: ExpressionHelp;
  readonly pickers: Pickers;
  readonly edit: (path: Path, value: Json | undefined) => void;
  readonly focused: (target: InsertTarget) => void;
  /** What waits to be handed on, so that all of it can be at once. */
  readonly drafts: Set<() => void>;
  /** What was typed into fields that do nothing now. */
  readonly aside: Aside;
}

const Nothing = () => null;

export const FormContext = createContext<FormServices>({
  parts: { Fields: Nothing, Body: Nothing },
  root: {},
  id: "form",
  readOnly: false,
  help: NO_HELP,
  pickers: {},
  edit: () => undefined,
  focused: () => undefined,
  drafts: new Set(),
  aside: new Map(),
});

export function useForm(): FormServices {
  return useContext(FormContext);
}

/** Something that the server says is wrong, at the dotted path of a field. */
export interface FieldFault {
  readonly path: string;
  readonly message: string;
  readonly fix: string;
  readonly severity: "error" | "warning";
}

export const FaultsContext = createContext<readonly FieldFault[]>([]);

/** The faults of a field; with `deep`, those of what is in it as well. */
export function useFaults(path: Path, deep: boolean): readonly FieldFault[] {
  const all = useContext(FaultsContext);
  if (all.length === 0) return all;
  const here = dotted(path);
  return all.filter((fault) => fault.path === here || (deep && fault.path.startsWith(`${here}.`)));
}
