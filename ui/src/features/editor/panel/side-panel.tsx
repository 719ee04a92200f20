/**
 * Beside the drawing: the selected node, or what can be done with several. Where nothing is selected, the drawing gets
 * the room, unless somebody wants to see the workflow as a whole: that choice is kept.
 */
import { useEffect, useState } from "react";
import { nodesById } from "@/graph/lookup";
import { focusCanvas } from "../canvas/show-step";
import { useEditor } from "../store";
import { enterPanel } from "./enter";
import { onEscape } from "./escape";
import { LargePanel } from "./large-panel";
import { NodePanel } from "./node-panel";
import { Overview, type OverviewPart } from "./overview";
import classes from "./panel.module.css";
import { Rail } from "./rail";
import { Resizer } from "./resizer";
import { usePanelRoom } from "./room";
import { Several } from "./several";
import { useAtRest } from "./use-at-rest";

const NARROWEST = 340;
const WIDEST = 820;

export function SidePanel() {
  const { width, setWidth, stepOpen, setStepOpen, workflowOpen, setWorkflowOpen } = usePanelRoom();
  const [part, setPart] = useState<OverviewPart | null>(null);
  const [large, setLarge] = useState(false);
  const selected = useEditor((state) => state.selection.nodes);
  const reveal = useEditor((state) => state.reveal);
  const ofSteps = useAtRest(selected.size > 0);
  const open = ofSteps ? stepOpen : workflowOpen;
  const setOpen = ofSteps ? setStepOpen : setWorkflowOpen;
  useEffect(() => {
    // Who asks for a parameter, as in the list of problems, wants to see it.
    if (reveal?.parameter || reveal?.into) setStepOpen(true);
  }, [reveal, setStepOpen]);
  useEffect(() => {
    if (open && reveal?.into) enterPanel();
  }, [reveal, open]);
  const show = (wanted: OverviewPart | null) => {
    setPart(wanted);
    setOpen(true);
  };
  if (!open) return <Rail ofSteps={ofSteps} onOpen={show} />;
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
      <Content part={part} large={large} onLarge={setLarge} onClose={() => setOpen(false)} />
    </aside>
  );
}

interface ContentProps {
  part: OverviewPart | null;
  large: boolean;
  onLarge: (large: boolean) => void;
  onClose: () => void;
}

function Content({ part, large, onLarge, onClose }: ContentProps) {
  const selected = useEditor((state) => state.selection.nodes);
  const [tab, setTab] = useState("parameters");
  const [id] = selected;
  const node = useEditor((state) =>
    id === undefined ? undefined : nodesById(state.history.present).get(id),
  );
  if (selected.size > 1) return <Several ids={selected} onClose={onClose} />;
  if (node === undefined) return <Overview part={part} onClose={onClose} />;
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
