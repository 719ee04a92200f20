/** What React Flow draws each kind of element with. */
import type { EdgeTypes, NodeTypes as Renderers } from "@xyflow/react";
import { ConnectionLine } from "./connection";
import { GroupFrame } from "./group-frame";
import { Step } from "./step";
import { Sticky } from "./sticky-note";

export const NODE_KINDS: Renderers = { step: Step, note: Sticky, frame: GroupFrame };
export const EDGE_KINDS: EdgeTypes = { connection: ConnectionLine };
