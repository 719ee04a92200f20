export type { ExecutionFilter } from "./links";
export { readDashboardSearch } from "./range";
