export type { ExecutionLinks } from "./links";
export { readExecutionSearch, readExecutionsSearch } from "./search";
