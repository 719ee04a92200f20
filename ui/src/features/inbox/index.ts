export { useInboxCount } from "./count";
export { readInboxSearch } from "./search";
