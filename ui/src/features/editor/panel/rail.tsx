/** What is left of the panel while it is closed: it says what can be opened. */
import { ActionIcon, Tooltip } from "@mantine/core";
import {
  type Icon,
  IconBolt,
  IconBraces,
  IconFileText,
  IconLayoutSidebarRightExpand,
} from "@tabler/icons-react";
import type { OverviewPart } from "./overview";
import classes from "./panel.module.css";

const PARTS: readonly { part: OverviewPart; label: string; Icon: Icon }[] = [
  { part: "description", label: "Description of the workflow", Icon: IconFileText },
  { part: "triggers", label: "What the workflow starts with", Icon: IconBolt },
  { part: "variables", label: "Variables of the workflow", Icon: IconBraces },
];

interface Props {
  /** Whether it is steps that it would show, rather than the workflow. */
  ofSteps: boolean;
  onOpen: (part: OverviewPart | null) => void;
}

export function Rail({ ofSteps, onOpen }: Props) {
  return (
    <aside className={classes.rail} aria-label="Panel, closed" data-part>
      <Entry label="Open the panel" Icon={IconLayoutSidebarRightExpand} onClick={() => onOpen(null)} />
      {!ofSteps &&
        PARTS.map(({ part, ...entry }) => <Entry key={part} {...entry} onClick={() => onOpen(part)} />)}
    </aside>
  );
}

function Entry({ label, Icon, onClick }: { label: string; Icon: Icon; onClick: () => void }) {
  return (
    <Tooltip label={label} position="left">
      <ActionIcon size={32} onClick={onClick} aria-label={label}>
        <Icon size={18} />
      </ActionIcon>
    </Tooltip>
  );
}
