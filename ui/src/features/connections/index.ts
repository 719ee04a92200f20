export { ConnectionDialog } from "./connection-dialog";
export { readConnectionsSearch } from "./search";
