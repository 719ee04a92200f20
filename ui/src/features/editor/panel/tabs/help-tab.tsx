/** What a node does, its ports, and examples that can be taken over. */

import { Badge, Button, Code, Text } from "@mantine/core";
import type { NodeType } from "@/graph/node-type";
import type { WorkflowNode } from "@/graph/workflow";
import { Markdown } from "@/shared/ui/markdown";
import { useEditor } from "../../store";
import classes from "../panel.module.css";
import { EFFECTS } from "../settings/words";
import { useNodeChanges } from "../use-change";

interface Props {
  node: WorkflowNode;
  type: NodeType;
}

export function HelpTab({ node, type }: Props) {
  const readOnly = useEditor((state) => state.readOnly);
  const changes = useNodeChanges(node.id);
  // What shows an error is no example to begin with.
  const examples = type.examples.filter((example) => !example.expect_error);
  return (
    <div className={classes.help}>
      <div className={classes.prose}>
        <Markdown text={type.help} />
      </div>
      <section>
        <h3>{EFFECTS[type.effect].label}</h3>
        <Text size="sm" c="dimmed">
          {EFFECTS[type.effect].help}
        </Text>
      </section>
      <section>
        <h3>Ports</h3>
        <ul className={classes.plain}>
          {type.outputs.map((port) => (
            <li key={port.name}>
              <Badge size="sm" variant="default" tt="none" mr={6}>
                {port.name}
              </Badge>
              <Text span size="sm">
                {port.help}
              </Text>
            </li>
          ))}
        </ul>
      </section>
      {examples.length > 0 && (
        <section>
          <h3>Examples</h3>
          <ul className={classes.plain}>
            {examples.map((example) => (
              <li key={example.title} className={classes.example}>
                <div className={classes.exampleHead}>
                  <Text size="sm" fw={600}>
                    {capital(example.title)}
                  </Text>
                  {!readOnly && (
                    <Button
                      size="compact-xs"
                      variant="light"
                      onClick={() => changes.allParameters("Use an example", example.parameters)}
                      aria-label={`Use the example “${example.title}”`}
                    >
                      Use
                    </Button>
                  )}
                </div>
                <Code block className={classes.exampleCode}>
                  {JSON.stringify(example.parameters, null, 2)}
                </Code>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Text size="xs" c="dimmed">
        Type <Code>{type.type}</Code>
      </Text>
    </div>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
