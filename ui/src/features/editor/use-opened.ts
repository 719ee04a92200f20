/** Opening a workflow: its newest revision and the node types are read, and become the store of the page. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import type { NodeTypes } from "@/graph/node-type";
import type { Workflow } from "@/graph/workflow";
import { ApiError } from "@/shared/api/errors";
import { type MyWorkflow, workflowQuery } from "@/shared/api/workflow";
import { usePlaced } from "@/shared/graph-view/use-placed";
import { connectorTypesQuery, furtherTypesQuery, nodeTypesQuery } from "./api";
import { fromDefinition } from "./definition";
import { createEditorStore, type EditorStore } from "./store";

interface Opened {
  store: EditorStore | null;
  /** The workflow as the server has it now; it may be newer than what is edited. */
  current: MyWorkflow | null;
  error: Error | null;
  /** Why it is not there for this person any more, while what was drawn still is. */
  lost: Error | null;
  retry(): void;
}

export function useOpened(workflowId: string): Opened {
  const read = useQuery(workflowQuery(workflowId));
  const installed = useQuery(nodeTypesQuery);
  const [store, setStore] = useState<EditorStore | null>(null);
  const [names, setNames] = useState<readonly string[] | null>(null);
  // What another page has left in the cache may be old by now, and is then read again: editing begins with what is there.
  const isNew = names !== null || read.isFetchedAfterMount || !read.isStale;
  const current = isNew ? (read.data?.data ?? null) : null;
  if (names === null && current && installed.data) setNames(missingTypes(current, installed.data));
  const further = useQuery({
    ...furtherTypesQuery(names ?? []),
    enabled: names !== null && names.length > 0,
  });
  const ready = names !== null && (names.length === 0 || !further.isPending);
  const types = useMemo(
    () => (installed.data && ready ? new Map([...installed.data, ...(further.data ?? [])]) : null),
    [installed.data, ready, further.data],
  );
  const given = useMemo(() => current && fromDefinition(current.definition), [current]);
  const placed = usePlaced(given, types);
  if (store === null && current && given && types && placed) setStore(open(current, types, given, placed));
  useConnectorTypes(store);
  const retry = () => {
    void read.refetch();
    void installed.refetch();
  };
  const lost = store && read.error instanceof ApiError && read.error.status === 404 ? read.error : null;
  return { store, current, error: store ? null : (read.error ?? installed.error), lost, retry };
}

/** They make the palette longer, and nobody waits for them. */
function useConnectorTypes(store: EditorStore | null): void {
  const { data } = useQuery({ ...connectorTypesQuery, enabled: store !== null });
  useEffect(() => {
    if (store === null || data === undefined || data.length === 0) return;
    const known = store.getState().nodeTypes;
    if (data.every((type) => known.has(type.type))) return;
    store.setState({ nodeTypes: new Map([...known, ...data.map((type) => [type.type, type] as const)]) });
  }, [store, data]);
}

function open(
  current: MyWorkflow,
  nodeTypes: NodeTypes,
  definition: Workflow,
  workflow: Workflow,
): EditorStore {
  return createEditorStore({
    workflowId: current.workflow_id,
    nodeTypes,
    revision: current.revision,
    workflow,
    definition,
    readOnly: current.status === "archived" || !current.my_permissions.includes("edit"),
  });
}

function missingTypes({ definition }: MyWorkflow, installed: NodeTypes): readonly string[] {
  const used = new Set((definition as Workflow).nodes.map((node) => node.type));
  return [...used].filter((name) => !installed.has(name)).sort();
}
