/** The list of all steps with a field to search in. Arrow keys choose, Enter adds, dragging puts one on the canvas. */
import { ScrollArea, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useId, useMemo, useState } from "react";
import type { NodeType } from "@/graph/node-type";
import styles from "./palette.module.css";
import { PaletteItem } from "./palette-item";
import { favouriteSteps, recentSteps, toggleFavourite } from "./remembered";
import { type Section, sectionsOf } from "./sections";

interface Props {
  types: readonly NodeType[];
  onPick: (type: NodeType) => void;
  onClose: () => void;
  /** What is said when there is nothing that fits. */
  empty: string;
  /** Nothing starts the workflow yet. */
  unstarted?: boolean;
}

export function PaletteList({ types, onPick, onClose, empty, unstarted = false }: Props) {
  const id = useId();
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const [favourites, setFavourites] = useState(favouriteSteps);
  const [recent] = useState(recentSteps);
  const sections = useMemo(
    () => sectionsOf(types, text, { favourites, recent, unstarted }),
    [types, text, favourites, recent, unstarted],
  );
  const flat = useMemo(() => sections.flatMap((section) => section.types), [sections]);
  const chosen = Math.min(active, flat.length - 1);

  function onKeyDown(event: KeyboardEvent): void {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (by !== undefined) setActive(Math.max(0, Math.min(flat.length - 1, chosen + by)));
    else if (event.key === "Enter" && flat[chosen]) onPick(flat[chosen]);
    else if (event.key === "Escape") onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div className={styles.list}>
      <TextInput
        size="sm"
        className={styles.search}
        aria-label="Search steps"
        placeholder="Search steps"
        leftSection={<IconSearch size={15} aria-hidden="true" />}
        value={text}
        data-autofocus
        autoFocus
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={flat.length > 0 ? `${id}-${chosen}` : undefined}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ScrollArea className={styles.scroll} type="hover" scrollbarSize={8}>
        <div id={`${id}-list`} role="listbox" aria-label="Steps" className={styles.options}>
          {withPlaces(sections).map(({ section, first }) => (
            // biome-ignore lint/a11y/useSemanticElements: options of a listbox are not in a fieldset.
            <div key={section.title} role="group" aria-label={section.title}>
              <div className={styles.heading} aria-hidden="true">
                {section.title}
              </div>
              {section.types.map((type, place) => (
                <PaletteItem
                  key={type.type}
                  id={`${id}-${first + place}`}
                  type={type}
                  active={first + place === chosen}
                  favourite={favourites.includes(type.type)}
                  onPick={onPick}
                  onPoint={() => setActive(first + place)}
                  onFavourite={() => setFavourites(toggleFavourite(type.type))}
                />
              ))}
            </div>
          ))}
        </div>
        {flat.length === 0 && (
          <Text size="sm" c="dimmed" p="md">
            {text.trim() === ""
              ? empty
              : `Nothing is called “${text.trim()}”. Try another word, or a part of it.`}
          </Text>
        )}
      </ScrollArea>
    </div>
  );
}

function withPlaces(sections: readonly Section[]) {
  let first = 0;
  return sections.map((section) => {
    const placed = { section, first };
    first += section.types.length;
    return placed;
  });
}
