export { readGallerySearch } from "./search";
