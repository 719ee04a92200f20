/** What a node did in a run, and the output that is pinned in its place. */
import { Badge, Button, Text } from "@mantine/core";
import { useState } from "react";
import type { NodeType } from "@/graph/node-type";
import { outputsOf } from "@/graph/ports";
import type { WorkflowNode } from "@/graph/workflow";
import { useEditor } from "../../store";
import classes from "../data/data.module.css";
import { DataTree } from "../data/data-tree";
import type { NodeData } from "../data/use-node-data";
import panel from "../panel.module.css";
import { usePanelSlots } from "../slots";
import { useNodeChanges } from "../use-change";
import { PinnedEditor, PinnedNotice } from "./pinned-output";

interface Props {
  node: WorkflowNode;
  type: NodeType | undefined;
  data: NodeData;
}

export function ResultTab({ node, type, data }: Props) {
  const readOnly = useEditor((state) => state.readOnly);
  const changes = useNodeChanges(node.id);
  const { result } = usePanelSlots();
  const [editing, setEditing] = useState(false);
  const nothing = (
    <div className={panel.body}>
      <Nothing node={node} type={type} onPin={readOnly ? null : () => setEditing(true)} />
    </div>
  );
  return (
    <div className={panel.result}>
      <PinnedNotice node={node} editing={editing} onEdit={setEditing} />
      {editing && (
        <PinnedEditor node={node} start={node.pinned_output ?? {}} onDone={() => setEditing(false)} />
      )}
      {result
        ? result({
            nodeId: node.id,
            name: node.name || node.id,
            latest: data.source?.execution_id ?? null,
            onPin: readOnly ? null : changes.pin,
            nothing,
          })
        : nothing}
    </div>
  );
}

interface NothingProps {
  node: WorkflowNode;
  type: NodeType | undefined;
  onPin: (() => void) | null;
}

/** What leaves by each port, where nothing has left yet. */
function Nothing({ node, type, onPin }: NothingProps) {
  return (
    <>
      <Text size="sm" c="dimmed">
        It has not run yet. Run the workflow, or this step alone: what it gets and gives is here then.
      </Text>
      {onPin && node.pinned_output === undefined && (
        <Button size="xs" variant="default" my="sm" onClick={onPin}>
          Pin an output of your own
        </Button>
      )}
      <ul className={classes.roots}>
        {outputsOf(type, node).map((port) => (
          <li key={port.name} className={classes.section}>
            <div className={classes.sectionHead}>
              <Badge size="sm" variant="default" tt="none">
                {port.name}
              </Badge>
            </div>
            <div className={classes.hint}>{port.help}</div>
            {port.schema && (
              <ul className={classes.roots}>
                <DataTree path={[port.name]} name={port.name} schema={port.schema} onPick={null} open />
              </ul>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
