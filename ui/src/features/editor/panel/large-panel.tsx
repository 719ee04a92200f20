/** One node on the whole screen: what comes in, the parameters, and what goes out, side by side. */
import { ActionIcon, Modal, Tabs, Text } from "@mantine/core";
import { IconArrowsMinimize } from "@tabler/icons-react";
import type { WorkflowNode } from "@/graph/workflow";
import { useEditor } from "../store";
import { InputData } from "./data/input-data";
import { useNodeData } from "./data/use-node-data";
import { onEscape } from "./escape";
import { NodeHeader } from "./node-header";
import classes from "./panel.module.css";
import { HelpTab } from "./tabs/help-tab";
import { ParametersTab } from "./tabs/parameters-tab";
import { ResultTab } from "./tabs/result-tab";
import { SettingsTab } from "./tabs/settings-tab";
import { useInsert } from "./use-insert";

interface Props {
  node: WorkflowNode;
  onClose: () => void;
}

export function LargePanel({ node, onClose }: Props) {
  const type = useEditor((state) => state.nodeTypes.get(node.type));
  const data = useNodeData(node.id);
  const { onFocusField, onPick } = useInsert();
  return (
    <Modal
      opened
      onClose={onClose}
      fullScreen
      withCloseButton={false}
      padding={0}
      closeOnEscape={false}
      aria-label={node.name || node.id}
      classNames={{ body: classes.largeBody, content: classes.largeContent }}
      onKeyDown={(event) => onEscape(event, onClose)}
    >
      <NodeHeader
        node={node}
        type={type}
        actions={
          <ActionIcon onClick={onClose} aria-label="Back to the drawing">
            <IconArrowsMinimize size={18} />
          </ActionIcon>
        }
      />
      <div className={classes.columns}>
        <Column title="Input">
          <InputData data={data} onPick={onPick} />
        </Column>
        <Tabs defaultValue="parameters" keepMounted={false} className={classes.middle}>
          <Tabs.List className={classes.tabList}>
            <Tabs.Tab value="parameters">Parameters</Tabs.Tab>
            <Tabs.Tab value="settings">Settings</Tabs.Tab>
            <Tabs.Tab value="help">Help</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="parameters" className={classes.body}>
            {type && <ParametersTab node={node} type={type} data={data} onFocusField={onFocusField} />}
          </Tabs.Panel>
          <Tabs.Panel value="settings" className={classes.body}>
            <SettingsTab node={node} type={type} />
          </Tabs.Panel>
          <Tabs.Panel value="help" className={classes.body}>
            {type && <HelpTab node={node} type={type} />}
          </Tabs.Panel>
        </Tabs>
        <section className={classes.column} aria-label="Result">
          <Text component="h3" size="sm" fw={650} className={classes.columnTitle}>
            Result
          </Text>
          <ResultTab node={node} type={type} data={data} />
        </section>
      </div>
    </Modal>
  );
}

function Column({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section className={classes.column} aria-label={title}>
      <Text component="h3" size="sm" fw={650} className={classes.columnTitle}>
        {title}
      </Text>
      <div className={classes.body}>{children}</div>
    </section>
  );
}
