/**
 * A form that is drawn from a JSON Schema alone, with the marks of Wingbeat's node types where there are any.
 *
 *     <SchemaForm schema={schema} value={value} onEdit={(path, next) => setValue(setIn(value, path, next))} />
 */
import { useEffect, useId, useMemo, useRef } from "react";
import type { Json, JsonObject } from "@/graph/workflow";
import { preloadCodeEditor } from "../code/code-editor";
import { type ExpressionHelp, NO_HELP } from "../code/expression/scope";
import { ControlBody } from "./controls/control-body";
import { Fields } from "./fields";
import {
  FaultsContext,
  type FieldFault,
  FormContext,
  type FormParts,
  type FormServices,
  type InsertTarget,
  type Pickers,
} from "./form-context";
import type { Aside } from "./relevance";
import { type JsonSchema, resolve } from "./schema";
import type { Path } from "./values";

interface Props {
  schema: JsonSchema;
  value: JsonObject;
  /** A field has another value; undefined means that it is not set. */
  onEdit: (path: Path, value: Json | undefined) => void;
  help?: ExpressionHelp;
  pickers?: Pickers;
  faults?: readonly FieldFault[];
  readOnly?: boolean;
  /** Names that are used often, which are shown first. */
  common?: ReadonlySet<string>;
  onFocusField?: (target: InsertTarget) => void;
  /** Where what was typed into fields is kept while they do nothing; else for as long as the form is there. */
  aside?: Aside;
}

const PARTS: FormParts = { Fields, Body: ControlBody };
const NO_FAULTS: readonly FieldFault[] = [];
const NO_PICKERS: Pickers = {};

export function SchemaForm(props: Props) {
  const { schema, value, help = NO_HELP, pickers = NO_PICKERS, faults = NO_FAULTS, readOnly = false } = props;
  const id = useId();
  const latest = useRef(props);
  latest.current = props;
  const drafts = useRef(new Set<() => void>()).current;
  const ownAside = useRef<Aside>(new Map()).current;
  const aside = props.aside ?? ownAside;
  const services = useMemo<FormServices>(
    () => ({
      parts: PARTS,
      root: schema,
      id,
      readOnly,
      help,
      pickers,
      edit: (path, next) => latest.current.onEdit(path, next),
      focused: (target) => latest.current.onFocusField?.(target),
      drafts,
      aside,
    }),
    [schema, id, readOnly, help, pickers, drafts, aside],
  );
  useFlushOnCommands(drafts);
  useEffect(preloadCodeEditor, []);
  const model = useMemo(() => resolve(schema, schema), [schema]);
  return (
    <FormContext.Provider value={services}>
      <FaultsContext.Provider value={faults}>
        <Fields schema={model} value={value} path={TOP} within={false} common={props.common} />
      </FaultsContext.Provider>
    </FormContext.Provider>
  );
}

const TOP: Path = [];

/** A command by keyboard, as saving or running, finds all that was typed. */
function useFlushOnCommands(drafts: Set<() => void>): void {
  useEffect(() => {
    function pressed(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey) for (const flush of [...drafts]) flush();
    }
    window.addEventListener("keydown", pressed, true);
    return () => window.removeEventListener("keydown", pressed, true);
  }, [drafts]);
}
