/** One execution: the graph as it was, when each step ran, the log, and whatever step is looked into. */
import { Alert, Button, Center, Container, Group, Loader, Skeleton, Tabs, Text } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import type { NodeTypes } from "@/graph/node-type";
import { timelineOf } from "@/graph/timeline";
import type { Workflow } from "@/graph/workflow";
import { nodeTypesQuery } from "@/shared/api/node-types";
import { GraphView } from "@/shared/graph-view";
import type { LiveExecution } from "@/shared/live/fold";
import { runStatesOf as liveStatesOf } from "@/shared/live/run-states";
import { Prose } from "@/shared/schema-form/prose";
import { useNow } from "@/shared/time/use-now";
import { ErrorState } from "@/shared/ui/error-state";
import { type Execution, executionQuery, graphQuery, isOver, journalQuery, nodesQuery } from "../api";
import { Actions } from "../detail/actions";
import styles from "../detail/detail.module.css";
import { LogView } from "../detail/log-view";
import { Question } from "../detail/question";
import { runStatesOf } from "../detail/run-states";
import { Summary } from "../detail/summary";
import { TimelineView } from "../detail/timeline-view";
import { ForkButton } from "../inspector/fork-button";
import { StepInspector } from "../inspector/step-inspector";
import type { ExecutionLinks } from "../links";
import type { DetailView, ExecutionSearch } from "../search";
import { useFollowed } from "../use-followed";

interface Props {
  executionId: string;
  search: ExecutionSearch;
  onSearch: (search: ExecutionSearch) => void;
  links: ExecutionLinks;
  onOpen: (executionId: string) => void;
  /** The questions to people that this execution waits for. */
  approvals?: ReactNode;
}

export function ExecutionPage(props: Props) {
  const query = useQuery(executionQuery(props.executionId));
  useDocumentTitle(`${query.data?.workflow_name ?? "Execution"} · Wingbeat`);
  if (query.isPending) {
    return (
      <Center h="100%" aria-busy="true">
        <Loader role="status" aria-label="Loading the execution" />
      </Center>
    );
  }
  if (query.isError) {
    return (
      <Container py="xl" size={760}>
        <ErrorState error={query.error} doing="load the execution" retry={() => void query.refetch()} />
      </Container>
    );
  }
  return <Detail {...props} execution={query.data} />;
}

const NO_CONNECTIONS: Workflow["connections"] = [];

function Detail({
  execution,
  executionId,
  search,
  onSearch,
  links,
  onOpen,
  approvals,
}: Props & { execution: Execution }) {
  const live = !isOver(execution.status);
  const followed = useFollowed(executionId, live);
  const graph = useQuery(graphQuery(executionId)).data;
  const workflow = useMemo(() => (graph ? drawable(graph.definition as unknown as Workflow) : null), [graph]);
  const types = useQuery(nodeTypesQuery).data;
  const names = useMemo(() => namesOf(workflow, types), [workflow, types]);
  const view: DetailView = search.view ?? (graph === null ? "timeline" : "graph");
  const select = (node: string | null, scope?: string, row?: number) =>
    onSearch({
      ...(search.view && { view: search.view }),
      ...(node && { node }),
      ...(node && scope !== undefined && { scope }),
      ...(node && row !== undefined && { row }),
    });
  const selected = search.node ? { node: search.node, scope: search.scope ?? "" } : undefined;

  return (
    <div className={styles.page}>
      <Summary
        execution={execution}
        links={links}
        actions={<Actions execution={execution} onStarted={onOpen} />}
      />
      <div className={styles.notices}>
        {notices(execution, names, approvals, (node, scope) => select(node, scope))}
      </div>
      <div className={styles.split} data-alone={search.node ? undefined : true}>
        <Tabs
          className={styles.main}
          value={view}
          onChange={(chosen) => onSearch({ ...search, view: chosen as DetailView })}
          keepMounted={false}
        >
          <Tabs.List px="sm">
            <Tabs.Tab value="graph" disabled={graph === null}>
              Graph
            </Tabs.Tab>
            <Tabs.Tab value="timeline">Timeline</Tabs.Tab>
            <Tabs.Tab value="log">Log</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="graph" className={styles.panel}>
            <Graph
              execution={execution}
              workflow={workflow}
              followed={live ? followed : null}
              selected={search.node}
              onSelect={select}
            />
          </Tabs.Panel>
          <Tabs.Panel value="timeline" className={styles.panel}>
            <Journal executionId={executionId} live={live}>
              {(lines) => (
                <Times
                  lines={lines}
                  live={live}
                  connections={workflow?.connections ?? NO_CONNECTIONS}
                  names={names}
                  {...(selected && { selected })}
                  onSelect={(node, scope) => select(node, scope)}
                />
              )}
            </Journal>
          </Tabs.Panel>
          <Tabs.Panel value="log" className={styles.panel}>
            <Journal executionId={executionId} live={live}>
              {(lines) => (
                <LogView
                  lines={lines}
                  names={names}
                  {...(search.row && { selected: search.row })}
                  onSelect={(line) => select(line.node_id || null, line.scope, line.sequence)}
                />
              )}
            </Journal>
          </Tabs.Panel>
        </Tabs>
        {search.node && (
          <aside className={styles.side} aria-label="Step">
            <StepInspector
              key={search.node}
              executionId={executionId}
              link={links.execution}
              nodeId={search.node}
              title={names.get(search.node) ?? search.node}
              live={live}
              place={{
                ...(search.scope !== undefined && { scope: search.scope }),
                ...(search.row !== undefined && { row: search.row }),
              }}
              onPlace={(place) => select(search.node ?? null, place.scope, place.row)}
              actions={
                execution.status !== "running" &&
                execution.status !== "pending" && (
                  <ForkButton
                    executionId={executionId}
                    node={search.node}
                    {...(search.scope !== undefined && { scope: search.scope })}
                    name={names.get(search.node) ?? search.node}
                    onForked={onOpen}
                  />
                )
              }
            />
          </aside>
        )}
      </div>
    </div>
  );
}

function notices(
  execution: Execution,
  names: ReadonlyMap<string, string>,
  approvals: ReactNode,
  onShow: (node: string, scope: string) => void,
): ReactNode {
  if (execution.status === "failed" && execution.error) {
    return <Failure error={execution.error} names={names} onShow={onShow} />;
  }
  if (execution.status === "paused" && execution.error)
    return <Question execution={execution} names={names} />;
  return execution.status === "waiting" ? approvals : null;
}

function Failure({
  error,
  names,
  onShow,
}: {
  error: Record<string, unknown>;
  names: ReadonlyMap<string, string>;
  onShow: (node: string, scope: string) => void;
}) {
  const node = typeof error.node === "string" ? error.node : null;
  const scope = typeof error.scope === "string" ? error.scope : "";
  return (
    <Alert color="red" py="xs" role="status">
      <Group justify="space-between" wrap="nowrap" gap="md">
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          <strong>
            {node ? `“${names.get(node) ?? node}” failed: ${String(error.code)}` : String(error.code)}
          </strong>
          {". "}
          {String(error.message ?? "")} {typeof error.remedy === "string" && <Prose text={error.remedy} />}
        </Text>
        {node && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => onShow(node, scope)}
            style={{ flexShrink: 0 }}
          >
            Show the step
          </Button>
        )}
      </Group>
    </Alert>
  );
}

interface GraphProps {
  execution: Execution;
  workflow: Workflow | null;
  /** What is heard of it while it goes on. */
  followed: LiveExecution | null;
  selected?: string | undefined;
  onSelect: (node: string | null) => void;
}

function Graph({ execution, workflow, followed, selected, onSelect }: GraphProps) {
  const types = useQuery(nodeTypesQuery).data;
  const nodes = useQuery(nodesQuery(execution.execution_id, !isOver(execution.status))).data;
  const states = useMemo(
    () =>
      followed && followed.nodes.size > 0
        ? liveStatesOf(followed)
        : runStatesOf(execution, nodes ?? [], workflow?.nodes.map((node) => node.id) ?? []),
    [followed, execution, nodes, workflow],
  );
  if (!workflow || !types) return <Skeleton height="100%" radius={0} />;
  return (
    <GraphView
      workflow={workflow}
      nodeTypes={types}
      label={`The workflow ${workflow.name} as it ran`}
      runStates={states}
      selected={selected ?? null}
      onSelect={onSelect}
    />
  );
}

function Journal({
  executionId,
  live,
  children,
}: {
  executionId: string;
  live: boolean;
  children: (lines: Parameters<typeof LogView>[0]["lines"]) => ReactNode;
}) {
  const query = useQuery(journalQuery(useQueryClient(), executionId, live));
  if (query.isPending)
    return <Skeleton height="100%" radius={0} role="status" aria-label="Loading the journal" />;
  if (query.isError)
    return <ErrorState error={query.error} doing="read the journal" retry={() => void query.refetch()} />;
  return children(query.data);
}

type TimesProps = Omit<Parameters<typeof TimelineView>[0], "timeline"> & {
  lines: Parameters<typeof LogView>[0]["lines"];
  live: boolean;
};

function Times({ lines, live, ...rest }: TimesProps) {
  const now = useNow();
  const until = live ? now.getTime() : null;
  const timeline = useMemo(() => timelineOf(lines, until), [lines, until]);
  if (timeline.bars.length === 0)
    return (
      <Text p="md" c="dimmed">
        {live ? "Nothing has run yet." : "Nothing ran."}
      </Text>
    );
  return <TimelineView timeline={timeline} {...rest} />;
}

/** As the graph calls them. */
function namesOf(workflow: Workflow | null, types: NodeTypes | undefined): ReadonlyMap<string, string> {
  return new Map(
    workflow?.nodes.map((node) => [node.id, node.name || types?.get(node.type)?.title || node.id]),
  );
}

/** With the ports that the server leaves out because they are the usual ones. */
function drawable(definition: Workflow): Workflow {
  return { ...definition, connections: definition.connections ?? [] };
}
