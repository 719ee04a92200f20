export { readWorkflowsSearch } from "./search";
