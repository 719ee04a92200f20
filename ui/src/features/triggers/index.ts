export { readTriggersSearch } from "./search";
