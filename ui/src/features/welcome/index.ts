export { nothingThere } from "./api";
export { HelpMenu } from "./help-menu";
export { Tour, type TourStep } from "./tour";
export { Welcome } from "./welcome";
