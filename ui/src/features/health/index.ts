export { readHealthSearch } from "./search";
