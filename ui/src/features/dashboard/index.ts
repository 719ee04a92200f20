export type { DashboardLinks, ExecutionFilter } from "./links";
export { type DashboardSearch, readDashboardSearch } from "./range";
