export { readPeopleSearch } from "./search";
