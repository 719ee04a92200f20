/** What is chosen of a workflow, by ids; a connection's id is `connectionId()`. */
export interface Selection {
  readonly nodes: ReadonlySet<string>;
  readonly connections: ReadonlySet<string>;
  /** Notes and groups. */
  readonly annotations: ReadonlySet<string>;
}

export const NOTHING: Selection = { nodes: new Set(), connections: new Set(), annotations: new Set() };

export function selectionOf(chosen: {
  nodes?: Iterable<string>;
  connections?: Iterable<string>;
  annotations?: Iterable<string>;
}): Selection {
  return {
    nodes: new Set(chosen.nodes),
    connections: new Set(chosen.connections),
    annotations: new Set(chosen.annotations),
  };
}
