export { MergeDialog } from "./merge/merge-dialog";
export { readVersionsSearch } from "./search";
