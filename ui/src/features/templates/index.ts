export { type GallerySearch, readGallerySearch } from "./search";
