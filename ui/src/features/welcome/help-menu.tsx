import { Menu } from "@mantine/core";
import { IconApi, IconMap2, IconTemplate } from "@tabler/icons-react";
import type { ReactElement } from "react";
import { HrefLink } from "@/shared/ui/href-link";
import { useTour } from "./tour-store";

interface Props {
  /** The button that opens it. */
  target: ReactElement;
  templates: string;
}

/** What helps: the tour once more, templates, and the description of the API. */
export function HelpMenu({ target, templates }: Props) {
  const start = useTour((tour) => tour.start);
  return (
    <Menu position="right-end" withArrow width={230}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconMap2 size={16} />} onClick={start}>
          Take the tour
        </Menu.Item>
        <Menu.Item leftSection={<IconTemplate size={16} />} component={HrefLink} href={templates}>
          Templates to learn from
        </Menu.Item>
        <Menu.Item leftSection={<IconApi size={16} />} component="a" href="/openapi.json" target="_blank">
          The REST API (OpenAPI)
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
