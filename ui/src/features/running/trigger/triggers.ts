/** The triggers of a workflow, and what their types say that they may hand over. Pure. */
import type { NodeTypes } from "@/graph/node-type";
import type { Json, Workflow } from "@/graph/workflow";

export interface Trigger {
  readonly id: string;
  readonly name: string;
  readonly examples: readonly { readonly title: string; readonly data: Json }[];
  /** What is pinned at it: what runs begin with where nothing else is given. */
  readonly pinned: Json | undefined;
}

export function triggersOf(workflow: Workflow, types: NodeTypes): readonly Trigger[] {
  return workflow.nodes.flatMap((node) => {
    const type = types.get(node.type);
    if (type?.role !== "trigger") return [];
    // What a trigger is started with is its input, as that of any other step.
    const examples = type.examples.flatMap(({ title, input, expect_error }) =>
      input === undefined || input === null || expect_error ? [] : [{ title: capital(title), data: input }],
    );
    return [{ id: node.id, name: node.name || type.title, examples, pinned: node.pinned_output }];
  });
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The trigger by which a run begins. */
export function triggerOf(workflow: Workflow, types: NodeTypes, wanted: string | null): Trigger | undefined {
  const all = triggersOf(workflow, types);
  return all.find(({ id }) => id === wanted) ?? all[0];
}
