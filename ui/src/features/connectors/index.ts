export { ConnectorsDialog } from "./connectors-dialog";
