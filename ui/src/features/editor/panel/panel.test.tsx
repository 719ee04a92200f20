import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { nodesById } from "@/graph/lookup";
import type { NodeType } from "@/graph/node-type";
import { createEditorStore, EditorStoreProvider, useEditor } from "../store";
import { DataTree } from "./data/data-tree";
import { Several } from "./several";
import { SettingsTab } from "./tabs/settings-tab";

vi.stubGlobal("document", Object.assign(document, { fonts: new EventTarget() }));
afterEach(cleanup);

const send: NodeType = {
  type: "send",
  title: "Send",
  help: "",
  category: "action",
  role: "step",
  effect: "unsafe",
  inputs: ["in"],
  outputs: [{ name: "out", help: "" }],
  outputs_from_parameters: false,
  parameters: { properties: { text: { type: "string", "x-wingbeat": "template" } } },
  examples: [],
};

function opened() {
  return createEditorStore({
    workflowId: "w",
    nodeTypes: new Map([["send", send]]),
    revision: 1,
    readOnly: false,
    workflow: {
      name: "w",
      nodes: [
        { id: "first", type: "send" },
        { id: "second", type: "send", parameters: { text: "{{ nodes.first.id }}" } },
      ],
      connections: [{ from: "first", from_port: "out", to: "second", to_port: "in" }],
    },
  });
}

function show(children: ReactNode, store = opened()) {
  render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient()}>
        <EditorStoreProvider value={store}>{children}</EditorStoreProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return () => store.getState().history.present;
}

function FirstSettings() {
  const node = useEditor((state) => nodesById(state.history.present).get("first"));
  return node && <SettingsTab node={node} type={send} />;
}

describe("the settings of a node", () => {
  it("give it another id, in expressions as well", () => {
    const workflow = show(<SettingsTab node={{ id: "first", type: "send" }} type={send} />);
    const id = screen.getByLabelText("Id");
    fireEvent.change(id, { target: { value: "second" } });
    expect(screen.getByText("Another node has this id.")).toBeTruthy();
    fireEvent.change(id, { target: { value: "begin" } });
    fireEvent.blur(id);
    expect(nodesById(workflow()).get("second")?.parameters).toEqual({ text: "{{ nodes.begin.id }}" });
  });

  it("say what becomes of what cannot be known, and write no default", () => {
    const workflow = show(<FirstSettings />);
    fireEvent.click(screen.getByLabelText("Ask a person"));
    expect(nodesById(workflow()).get("first")?.on_unknown).toBe("ask");
    fireEvent.click(screen.getByLabelText("Fail"));
    expect(nodesById(workflow()).get("first")).toEqual({ id: "first", type: "send" });
  });
});

describe("several nodes", () => {
  it("are switched off together, and it is one step back", () => {
    const store = opened();
    const workflow = show(<Several ids={new Set(["first", "second"])} onClose={() => undefined} />, store);
    fireEvent.click(screen.getByText("Switch off"));
    expect(workflow().nodes.map(({ disabled }) => disabled)).toEqual([true, true]);
    store.getState().undo();
    expect(workflow().nodes.map(({ disabled }) => disabled)).toEqual([undefined, undefined]);
  });
});

describe("the tree of data", () => {
  it("gives the expression of what is clicked", () => {
    const picked = vi.fn();
    show(
      <DataTree path={["nodes", "a-b"]} name="a-b" value={{ lines: [{ sku: 1 }] }} onPick={picked} open />,
    );
    fireEvent.click(screen.getByLabelText("Open lines"));
    fireEvent.click(screen.getByLabelText("Open 0"));
    fireEvent.click(screen.getByLabelText("Insert nodes['a-b'].lines[0].sku"));
    expect(picked).toHaveBeenCalledWith("nodes['a-b'].lines[0].sku");
  });
});
