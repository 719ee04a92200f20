/** What can be done with one step besides drawing it, for the menu of the canvas. */
import {
  type Icon,
  IconPinned,
  IconPlayerPlay,
  IconPlayerTrackNext,
  IconPointFilled,
} from "@tabler/icons-react";
import type { RunStore } from "./store";

interface StepAction {
  readonly label: string;
  readonly icon: Icon;
  readonly keys?: string;
  readonly isFor?: (node: string) => boolean;
  readonly run: (node: string) => void;
}

export function stepActions(store: RunStore): readonly StepAction[] {
  const roleOf = (id: string) => {
    const { host } = store.getState();
    const node = host?.workflow.nodes.find((one) => one.id === id);
    return node && host?.nodeTypes.get(node.type)?.role;
  };
  const isPinned = (id: string) =>
    store
      .getState()
      .host?.workflow.nodes.some((node) => node.id === id && node.pinned_output !== undefined) === true;
  const mayRun = () => {
    const { host } = store.getState();
    return host?.mayRun === true && host.mayEdit;
  };
  const hasBreakpoint = (id: string) => store.getState().breakpoints.has(id);
  const canStop = (id: string) => roleOf(id) !== "trigger";
  return [
    {
      label: "Run to here",
      icon: IconPlayerTrackNext,
      isFor: mayRun,
      run: (node) => void store.getState().start({ kind: "to", node }),
    },
    {
      label: "Run this step alone",
      icon: IconPlayerPlay,
      isFor: (node) => mayRun() && canStop(node),
      run: (node) => void store.getState().start({ kind: "only", node }),
    },
    {
      label: "Stop before this step",
      icon: IconPointFilled,
      isFor: (node) => canStop(node) && !hasBreakpoint(node),
      run: (node) => store.getState().toggleBreakpoint(node),
    },
    {
      label: "Do not stop here any more",
      icon: IconPointFilled,
      isFor: hasBreakpoint,
      run: (node) => store.getState().toggleBreakpoint(node),
    },
    {
      label: "Pin what it gave last",
      icon: IconPinned,
      isFor: (node) => mayRun() && store.getState().executionId !== null && !isPinned(node),
      run: (node) => void store.getState().pinLast(node),
    },
    {
      label: "Take the pinned output away",
      icon: IconPinned,
      isFor: (node) => mayRun() && isPinned(node),
      run: (node) => store.getState().host?.pin(node, undefined),
    },
  ];
}
