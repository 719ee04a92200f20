export type { Mark } from "./drawing";
export { GraphView } from "./graph-view";
