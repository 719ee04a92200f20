export type { DrawnProblem, Mark } from "./drawing";
export { GraphView } from "./graph-view";
