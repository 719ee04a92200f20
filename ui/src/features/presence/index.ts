export { PeopleHere } from "./people-here";
