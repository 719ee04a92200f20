import { Badge, Tooltip } from "@mantine/core";
import { IconArchive, IconCircleCheck, IconCircleDashed, IconCircleDot } from "@tabler/icons-react";
import type { WorkflowLine } from "../api";

/** What a workflow is: a draft, in use, in use with changes that are not, or put away. */
export function WorkflowState({ line }: { line: WorkflowLine }) {
  const { look, why } = stateOf(line);
  return (
    <Tooltip label={why}>
      <Badge
        variant="light"
        color={look.color}
        tt="none"
        fw={600}
        miw="max-content"
        leftSection={<look.icon size={13} stroke={2.2} aria-hidden="true" />}
      >
        {look.label}
      </Badge>
    </Tooltip>
  );
}

const LOOKS = {
  draft: { color: "gray", label: "Draft", icon: IconCircleDashed },
  published: { color: "teal", label: "Published", icon: IconCircleCheck },
  changed: { color: "blue", label: "Changed", icon: IconCircleDot },
  archived: { color: "gray", label: "Archived", icon: IconArchive },
} as const;

function stateOf(line: WorkflowLine) {
  if (line.status === "archived")
    return { look: LOOKS.archived, why: "Put away: nothing begins, executions stay" };
  if (line.published_revision === null)
    return { look: LOOKS.draft, why: "Nothing runs until it is published" };
  if (line.published_revision === line.revision) {
    return { look: LOOKS.published, why: `Version ${line.revision} runs` };
  }
  const why = `Version ${line.published_revision} runs; version ${line.revision} is not published yet`;
  return { look: LOOKS.changed, why };
}
