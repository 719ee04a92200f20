export { useAdministersCommunity } from "./looks-after";
export { readPeopleSearch } from "./search";
