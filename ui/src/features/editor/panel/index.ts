export { SidePanel } from "./side-panel";
export { type PanelSlots, PanelSlotsProvider } from "./slots";
