/** Changes of one node, each with its name in the list of changes and a key by which keystrokes are one step back. */
import { useMemo } from "react";
import { type Path, pin, renameNodeId, setNodeField, setParameters } from "@/graph/commands/nodes";
import type { Json, JsonObject, WorkflowNode } from "@/graph/workflow";
import { humanize } from "@/shared/schema-form/words";
import { useEditorStore } from "../store";

export interface NodeChanges {
  readonly parameter: (path: Path, value: Json | undefined) => void;
  readonly allParameters: (label: string, parameters: JsonObject) => void;
  readonly field: <Field extends Exclude<keyof WorkflowNode, "id">>(
    field: Field,
    value: WorkflowNode[Field] | undefined,
  ) => void;
  readonly pin: (output: Json | undefined) => void;
  readonly rename: (id: string) => void;
}

export function useNodeChanges(id: string): NodeChanges {
  const store = useEditorStore();
  return useMemo(() => {
    const { change, select } = store.getState();
    const types = () => store.getState().nodeTypes;
    return {
      parameter: (path, value) =>
        change({
          label: `Change ${humanize(String(path[0] ?? "parameters")).toLowerCase()} of ${id}`,
          apply: setParameters(id, path, value, types()),
          key: `${id}.parameters.${path.join(".")}`,
        }),
      allParameters: (label, parameters) =>
        change({ label: `${label} in ${id}`, apply: setParameters(id, [], parameters, types()) }),
      field: (field, value) =>
        change({
          label: `Change ${humanize(field).toLowerCase()} of ${id}`,
          apply: setNodeField(id, field, value),
          key: `${id}.${field}`,
        }),
      pin: (output) =>
        change({
          label: output === undefined ? `Unpin the output of ${id}` : `Pin the output of ${id}`,
          apply: pin(id, output),
          key: `${id}.pinned_output`,
        }),
      rename: (next) => {
        change({ label: `Rename ${id} to ${next}`, apply: renameNodeId(id, next, types()) });
        select({ nodes: new Set([next]) });
      },
    };
  }, [store, id]);
}
