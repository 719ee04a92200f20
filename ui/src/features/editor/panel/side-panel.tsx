/** Beside the drawing: the selected node, what can be done with several, or the workflow where nothing is selected. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconLayoutSidebarRightExpand } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { nodesById } from "@/graph/lookup";
import { focusCanvas } from "../canvas/show-step";
import { useEditor } from "../store";
import { enterPanel } from "./enter";
import { onEscape } from "./escape";
import { LargePanel } from "./large-panel";
import { NodePanel } from "./node-panel";
import { Overview } from "./overview";
import classes from "./panel.module.css";
import { Resizer } from "./resizer";
import { Several } from "./several";

const NARROWEST = 340;
const WIDEST = 820;

/** Where there is none, the drawing comes first. */
const hasRoom = () => matchMedia("(min-width: 56.25em)").matches;

export function SidePanel() {
  const [width, setWidth] = useLocalStorage({ key: "wingbeat-panel-width", defaultValue: 440 });
  const [open, setOpen] = useLocalStorage({ key: "wingbeat-panel-open", defaultValue: hasRoom() });
  const [large, setLarge] = useState(false);
  const selected = useEditor((state) => state.selection.nodes);
  const reveal = useEditor((state) => state.reveal);
  useEffect(() => {
    // Who asks for a parameter, as in the list of problems, wants to see it.
    if (reveal?.parameter || reveal?.into) setOpen(true);
  }, [reveal, setOpen]);
  useEffect(() => {
    if (open && reveal?.into) enterPanel();
  }, [reveal, open]);
  if (!open) return <Closed onOpen={() => setOpen(true)} />;
  return (
    <aside
      className={classes.panel}
      style={{ width }}
      aria-label={selected.size === 1 ? "Selected node" : "Workflow"}
      tabIndex={-1}
      data-panel
      data-part
      onKeyDown={(event) => !large && onEscape(event, () => focusCanvas([...selected][0]))}
    >
      <Resizer width={width} narrowest={NARROWEST} widest={WIDEST} onResize={setWidth} />
      <Content large={large} onLarge={setLarge} onClose={() => setOpen(false)} />
    </aside>
  );
}

interface ContentProps {
  large: boolean;
  onLarge: (large: boolean) => void;
  onClose: () => void;
}

function Content({ large, onLarge, onClose }: ContentProps) {
  const selected = useEditor((state) => state.selection.nodes);
  const [tab, setTab] = useState("parameters");
  const [id] = selected;
  const node = useEditor((state) =>
    id === undefined ? undefined : nodesById(state.history.present).get(id),
  );
  if (selected.size > 1) return <Several ids={selected} onClose={onClose} />;
  if (node === undefined) return <Overview onClose={onClose} />;
  return (
    <>
      <NodePanel
        key={node.id}
        node={node}
        tab={tab}
        onTab={setTab}
        onLarge={() => onLarge(true)}
        onClose={onClose}
      />
      {large && <LargePanel key={`large ${node.id}`} node={node} onClose={() => onLarge(false)} />}
    </>
  );
}

function Closed({ onOpen }: { onOpen: () => void }) {
  return (
    <aside className={classes.closed} aria-label="Panel, closed">
      <Tooltip label="Open the panel" position="left">
        <ActionIcon onClick={onOpen} aria-label="Open the panel">
          <IconLayoutSidebarRightExpand size={18} />
        </ActionIcon>
      </Tooltip>
    </aside>
  );
}
