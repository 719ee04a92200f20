export { readTriggersSearch, type TriggersSearch } from "./search";
