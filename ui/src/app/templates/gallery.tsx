import { useNavigate, useSearch } from "@tanstack/react-router";
import { GalleryPage } from "@/features/templates/pages/gallery";

export function Gallery() {
  const search = useSearch({ from: "/templates" });
  const navigate = useNavigate({ from: "/templates" });
  return (
    <GalleryPage
      search={search}
      onSearch={(chosen) => navigate({ search: chosen, replace: true })}
      hrefOf={(templateId) => `/templates/${templateId}`}
    />
  );
}
