import { useLocation } from "@tanstack/react-router";
import { useEffect } from "react";
import { nodesById } from "@/graph/lookup";
import { useEditorStore } from "./store";

/** Shows the node that the address names, `?node=<id>` with `&parameter=<path>`: so that other pages can lead to it. */
export function useAddressedNode(): void {
  const store = useEditorStore();
  const address = useLocation({ select: ({ searchStr }) => searchStr });
  useEffect(() => {
    const asked = new URLSearchParams(address);
    const node = asked.get("node");
    const { history, show } = store.getState();
    if (node !== null && nodesById(history.present).has(node)) show(node, asked.get("parameter"));
  }, [store, address]);
}
