/** Between the definition as the server has it and the workflow as the editor holds it. */
import { sourceOf, targetOf } from "@/graph/connections";
import type { Annotations, Workflow } from "@/graph/workflow";
import type { components } from "@/shared/api/schema";

export type Definition = components["schemas"]["DefinitionBody"];

/** With what the server leaves out because it is the default, where the editor needs to see it. */
export function fromDefinition(definition: Definition): Workflow {
  const workflow = definition as Workflow;
  return {
    ...workflow,
    connections: (workflow.connections ?? []).map((connection) => {
      const [from, to] = [sourceOf(connection), targetOf(connection)];
      return { from: from.node, from_port: from.port, to: to.node, to_port: to.port };
    }),
    annotations: sized(workflow.annotations ?? {}),
  };
}

function sized({ notes = [], groups = [] }: Annotations): Annotations {
  return {
    notes: notes.map((note) => ({
      ...note,
      text: note.text ?? "",
      position: note.position ?? { x: 0, y: 0 },
      width: note.width ?? 240,
      height: note.height ?? 160,
    })),
    groups: groups.map((group) => ({
      ...group,
      title: group.title ?? "",
      position: group.position ?? { x: 0, y: 0 },
      width: group.width ?? 480,
      height: group.height ?? 320,
    })),
  };
}

export function toDefinition(workflow: Workflow): Definition {
  return workflow as unknown as Definition;
}
