/** Finding a template: by words, and by category. */
import type { TemplateHeader } from "./api";

export interface GallerySearch {
  q?: string;
  category?: string;
}

export function readGallerySearch(search: Record<string, unknown>): GallerySearch {
  return {
    ...(typeof search.q === "string" && search.q ? { q: search.q } : {}),
    ...(typeof search.category === "string" && search.category ? { category: search.category } : {}),
  };
}

/** The categories in the order in which the server lists them. */
export function categoriesOf(templates: readonly TemplateHeader[]): string[] {
  return [...new Set(templates.map((one) => one.category))];
}

/** Those in which every word is found somewhere. */
export function found(
  templates: readonly TemplateHeader[],
  { q = "", category }: GallerySearch,
): TemplateHeader[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return templates.filter((one) => {
    if (category && one.category !== category) return false;
    const text = [one.name, one.description, one.category, ...one.tags].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
