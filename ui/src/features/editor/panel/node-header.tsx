/** Who the panel is about: the name of the node, what it is, and what can be done with the panel. */
import { Badge } from "@mantine/core";
import type { ReactNode } from "react";
import type { NodeType } from "@/graph/node-type";
import type { WorkflowNode } from "@/graph/workflow";
import classes from "./panel.module.css";
import { StepName } from "./step-name";

interface Props {
  node: WorkflowNode;
  type: NodeType | undefined;
  actions: ReactNode;
}

export function NodeHeader({ node, type, actions }: Props) {
  const title = type?.title ?? node.type;
  const name = node.name || title;
  return (
    <header className={classes.header}>
      <div className={classes.titles}>
        <h2 aria-label={name}>
          <StepName key={node.id} node={node} title={title} />
        </h2>
        <div className={classes.subtitle}>
          {name !== title && <span>{title} ·</span>}
          <span className={classes.id}>{node.id}</span>
          {node.disabled && (
            <Badge size="xs" variant="default" tt="none">
              switched off
            </Badge>
          )}
          {node.pinned_output !== undefined && (
            <Badge size="xs" variant="light" tt="none">
              output pinned
            </Badge>
          )}
        </div>
      </div>
      <div className={classes.actions}>{actions}</div>
    </header>
  );
}
