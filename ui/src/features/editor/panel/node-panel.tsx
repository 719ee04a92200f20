/** One node, in tabs. */
import { ActionIcon, Alert, Tabs, Tooltip, UnstyledButton } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconArrowsMaximize, IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { useEffect } from "react";
import type { WorkflowNode } from "@/graph/workflow";
import { useEditor } from "../store";
import { CloseButton } from "./close-button";
import { InputData } from "./data/input-data";
import { type NodeData, useNodeData } from "./data/use-node-data";
import { NodeHeader } from "./node-header";
import classes from "./panel.module.css";
import { HelpTab } from "./tabs/help-tab";
import { ParametersTab } from "./tabs/parameters-tab";
import { ResultTab } from "./tabs/result-tab";
import { SettingsTab } from "./tabs/settings-tab";
import { useInsert } from "./use-insert";

interface Props {
  node: WorkflowNode;
  /** Which tab is open; it stays when another node is selected. */
  tab: string;
  onTab: (tab: string) => void;
  onLarge: () => void;
  onClose: () => void;
}

export function NodePanel({ node, tab, onTab, onLarge, onClose }: Props) {
  const type = useEditor((state) => state.nodeTypes.get(node.type));
  const reveal = useEditor((state) => state.reveal);
  const data = useNodeData(node.id);
  const { onFocusField, onPick } = useInsert();
  useEffect(() => {
    if (reveal?.node === node.id && reveal.parameter) onTab("parameters");
  }, [reveal, node.id, onTab]);
  return (
    <>
      <NodeHeader
        node={node}
        type={type}
        actions={
          <>
            <Tooltip label="Open large: input, parameters and output side by side">
              <ActionIcon onClick={onLarge} aria-label="Open large">
                <IconArrowsMaximize size={17} />
              </ActionIcon>
            </Tooltip>
            <CloseButton onClose={onClose} />
          </>
        }
      />
      <Tabs value={tab} onChange={(next) => next && onTab(next)} keepMounted={false} className={classes.tabs}>
        <Tabs.List className={classes.tabList}>
          <Tabs.Tab value="parameters">Parameters</Tabs.Tab>
          <Tabs.Tab value="result">Result</Tabs.Tab>
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
          <Tabs.Tab value="help">Help</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="parameters" className={classes.split}>
          <div className={classes.body}>
            {type ? (
              <ParametersTab node={node} type={type} data={data} onFocusField={onFocusField} />
            ) : (
              <Unknown node={node} />
            )}
          </div>
          {type && type.inputs.length > 0 && <DataDrawer data={data} onPick={onPick} />}
        </Tabs.Panel>
        <Tabs.Panel value="result" className={classes.result}>
          <ResultTab node={node} type={type} data={data} />
        </Tabs.Panel>
        <Tabs.Panel value="settings" className={classes.body}>
          <SettingsTab node={node} type={type} />
        </Tabs.Panel>
        <Tabs.Panel value="help" className={classes.body}>
          {type ? <HelpTab node={node} type={type} /> : <Unknown node={node} />}
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

export function Unknown({ node }: { node: WorkflowNode }) {
  return (
    <Alert color="red" title="This type of node is not installed">
      Nobody here knows “{node.type}”. Install what gives it, or put another node in its place; its parameters
      are kept.
    </Alert>
  );
}

/** The data that can be dragged into the fields above it. */
function DataDrawer({ data, onPick }: { data: NodeData; onPick: (expression: string) => void }) {
  const [open, setOpen] = useLocalStorage({ key: "wingbeat-panel-data", defaultValue: false });
  const count = data.upstream.length;
  return (
    <section className={classes.drawer} data-open={open || undefined} aria-label="Data for the fields">
      <UnstyledButton className={classes.drawerHead} onClick={() => setOpen(!open)} aria-expanded={open}>
        {open ? (
          <IconChevronDown size={15} aria-hidden="true" />
        ) : (
          <IconChevronUp size={15} aria-hidden="true" />
        )}
        Data to use
        <span className={classes.drawerCount}>
          input{count > 0 && `, ${count} ${count === 1 ? "node" : "nodes"} before`}
        </span>
      </UnstyledButton>
      {open && (
        <div className={classes.drawerBody}>
          <InputData data={data} onPick={onPick} />
        </div>
      )}
    </section>
  );
}
