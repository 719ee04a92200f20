/** Everything that one can begin with. */
import { Badge, Chip, Group, SimpleGrid, Skeleton, Stack, TextInput, Title } from "@mantine/core";
import { IconLayoutGrid, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { EmptyState } from "@/shared/ui/empty-state";
import { ErrorState } from "@/shared/ui/error-state";
import { HrefLink } from "@/shared/ui/href-link";
import { Page } from "@/shared/ui/page";
import { type TemplateHeader, templatesQuery } from "../api";
import { categoriesOf, found, type GallerySearch } from "../search";
import styles from "../templates.module.css";

interface Props {
  search: GallerySearch;
  onSearch: (search: GallerySearch) => void;
  /** The page of one template. */
  hrefOf: (templateId: string) => string;
  actions?: ReactNode;
}

export function GalleryPage({ search, onSearch, hrefOf, actions }: Props) {
  const query = useQuery(templatesQuery);
  return (
    <Page
      title="Templates"
      description="Workflows to begin with. What you make of one is yours to change."
      actions={actions}
    >
      {query.isPending ? (
        <Loading />
      ) : query.isError ? (
        <ErrorState error={query.error} doing="load the templates" retry={() => query.refetch()} />
      ) : (
        <Gallery templates={query.data} search={search} onSearch={onSearch} hrefOf={hrefOf} />
      )}
    </Page>
  );
}

interface GalleryProps extends Omit<Props, "actions"> {
  templates: readonly TemplateHeader[];
}

function Gallery({ templates, search, onSearch, hrefOf }: GalleryProps) {
  const shown = found(templates, search);
  const { q: _, ...noWords } = search;
  return (
    <Stack gap="xl">
      <Stack gap="sm">
        <TextInput
          aria-label="Search templates"
          placeholder="Search: approval, schedule, invoice…"
          leftSection={<IconSearch size={17} aria-hidden="true" />}
          maw={460}
          value={search.q ?? ""}
          onChange={(event) => {
            const q = event.currentTarget.value;
            onSearch(q ? { ...search, q } : noWords);
          }}
        />
        <Categories templates={templates} search={search} onSearch={onSearch} />
      </Stack>
      {shown.length === 0 ? (
        <EmptyState icon={IconLayoutGrid} title="No template is about that">
          Search for fewer words, or begin with an empty workflow.
        </EmptyState>
      ) : (
        categoriesOf(shown).map((category) => (
          <section key={category} aria-label={category}>
            <Title order={2} size="h4" mb="sm">
              {category}
            </Title>
            <SimpleGrid cols={{ base: 1, xs: 2, lg: 3 }} spacing="md">
              {shown
                .filter((one) => one.category === category)
                .map((one) => (
                  <Card key={one.template_id} template={one} href={hrefOf(one.template_id)} />
                ))}
            </SimpleGrid>
          </section>
        ))
      )}
    </Stack>
  );
}

function Categories({ templates, search, onSearch }: Omit<GalleryProps, "hrefOf">) {
  const { category: chosen, ...rest } = search;
  return (
    <Chip.Group
      value={chosen ?? ""}
      onChange={(value) => onSearch(value ? { ...rest, category: String(value) } : rest)}
    >
      <Group gap={6} role="radiogroup" aria-label="Category">
        <Chip size="xs" variant="light" value="">
          All
        </Chip>
        {categoriesOf(templates).map((category) => (
          <Chip key={category} size="xs" variant="light" value={category}>
            {category}
          </Chip>
        ))}
      </Group>
    </Chip.Group>
  );
}

function Card({ template, href }: { template: TemplateHeader; href: string }) {
  return (
    <HrefLink href={href} className={styles.card}>
      <h3 className={styles.name}>{template.name}</h3>
      <p className={styles.description}>{template.description}</p>
      <Group gap={6}>
        <Badge variant="default" size="sm" tt="none" fw={500}>
          {template.node_count} steps
        </Badge>
        {template.tags.map((tag) => (
          <Badge key={tag} variant="light" color="gray" size="sm" tt="none" fw={500}>
            {tag}
          </Badge>
        ))}
      </Group>
    </HrefLink>
  );
}

function Loading() {
  return (
    <SimpleGrid
      cols={{ base: 1, xs: 2, lg: 3 }}
      spacing="md"
      role="status"
      aria-busy="true"
      aria-label="Loading"
    >
      {["a", "b", "c", "d", "e", "f"].map((one) => (
        <Skeleton key={one} height={132} radius="md" />
      ))}
    </SimpleGrid>
  );
}
