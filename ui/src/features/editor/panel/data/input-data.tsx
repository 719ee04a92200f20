/** What a node can use: what comes in, what nodes before gave, and the other names in scope. */
import { Badge, Skeleton, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import type { ScopeEntry } from "@/shared/code/expression/scope";
import { TimeAgo } from "@/shared/ui/time-ago";
import classes from "./data.module.css";
import { DataTree } from "./data-tree";
import type { Upstream } from "./scope";
import type { NodeData } from "./use-node-data";

interface Props {
  data: NodeData;
  onPick: ((expression: string) => void) | null;
}

export function InputData({ data, onPick }: Props) {
  const [search, setSearch] = useState("");
  if (data.loading) return <Skeleton height={160} />;
  const input = data.scope.find(({ name }) => name === "input");
  const others = data.scope.filter(({ name }) => name !== "input" && name !== "nodes");
  const wanted = search.trim().toLowerCase();
  const upstream = data.upstream.filter(({ id, name }) => `${id} ${name}`.toLowerCase().includes(wanted));
  return (
    <div>
      <Text size="xs" c="dimmed" mb={6}>
        <Origin data={data} />{" "}
        {onPick && "Drag a value into a field, or click it while a field is being edited."}
      </Text>
      <Section title="What comes in" entries={input ? [input] : []} onPick={onPick} open />
      <div className={classes.section}>
        <div className={classes.sectionHead}>Nodes before</div>
        {data.upstream.length > 6 && (
          <TextInput
            size="xs"
            mb={6}
            leftSection={<IconSearch size={13} />}
            placeholder="Find a node"
            aria-label="Find a node before this one"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
        )}
        {data.upstream.length === 0 && (
          <div className={classes.hint}>Nothing leads here yet. Connect a node.</div>
        )}
        <ul className={classes.roots}>
          {upstream.map((one) => (
            <UpstreamTree key={one.id} node={one} onPick={onPick} />
          ))}
        </ul>
      </div>
      <Section title="Everywhere" entries={others} onPick={onPick} />
    </div>
  );
}

function Origin({ data }: { data: NodeData }) {
  if (data.source === null) return <>No run yet: kinds of values are shown where they are known.</>;
  return (
    <>
      Values of the run <TimeAgo time={data.source.start_time} />.
    </>
  );
}

interface SectionProps {
  title: string;
  entries: readonly ScopeEntry[];
  onPick: Props["onPick"];
  open?: boolean;
}

function Section({ title, entries, onPick, open = false }: SectionProps) {
  return (
    <div className={classes.section}>
      <div className={classes.sectionHead}>{title}</div>
      <ul className={classes.roots}>
        {entries.map((one) => (
          <DataTree
            key={one.name}
            path={[one.name]}
            name={one.name}
            value={one.value}
            schema={one.schema}
            onPick={onPick}
            open={open}
          />
        ))}
      </ul>
    </div>
  );
}

function UpstreamTree({ node, onPick }: { node: Upstream; onPick: Props["onPick"] }) {
  return (
    <>
      {(node.name !== node.id || node.pinned) && (
        <li className={classes.hint}>
          {node.name}{" "}
          {node.pinned && (
            <Badge size="xs" variant="light" tt="none">
              pinned
            </Badge>
          )}
        </li>
      )}
      <DataTree
        path={["nodes", node.id]}
        name={node.id}
        value={node.value}
        schema={node.schema}
        onPick={onPick}
      />
    </>
  );
}
