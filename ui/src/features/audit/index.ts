export { readAuditSearch } from "./filter";
