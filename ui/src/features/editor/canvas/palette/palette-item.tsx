/** One step in the palette. */
import { ThemeIcon } from "@mantine/core";
import { IconStar, IconStarFilled } from "@tabler/icons-react";
import { type DragEvent, useEffect, useRef } from "react";
import type { NodeType } from "@/graph/node-type";
import { lookOf } from "@/shared/graph-view/looks";
import { carryStep } from "./carried";
import styles from "./palette.module.css";

interface Props {
  id: string;
  type: NodeType;
  active: boolean;
  favourite: boolean;
  onPick: (type: NodeType) => void;
  onPoint: () => void;
  onFavourite: () => void;
}

export function PaletteItem({ id, type, active, favourite, onPick, onPoint, onFavourite }: Props) {
  const look = lookOf(type);
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) element.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the field above has the focus, and the keys.
    <div
      ref={element}
      id={id}
      role="option"
      aria-selected={active}
      aria-label={`${type.title}: ${firstSentence(type.help)}`}
      className={styles.item}
      data-active={active || undefined}
      draggable
      onDragStart={(event: DragEvent) => carryStep(event, type.type)}
      onPointerMove={active ? undefined : onPoint}
      onClick={() => onPick(type)}
    >
      <ThemeIcon variant="light" color={look.color} size={30} radius="md" aria-hidden="true">
        <look.icon size={17} stroke={1.8} />
      </ThemeIcon>
      <span className={styles.words}>
        <span className={styles.title}>{type.title}</span>
        <span className={styles.help}>{firstSentence(type.help)}</span>
      </span>
      {/* biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: an extra for the mouse; an option holds no buttons. */}
      <span
        className={styles.star}
        data-on={favourite || undefined}
        title={favourite ? "No favourite any more" : "Keep among the favourites"}
        onClick={(event) => {
          event.stopPropagation();
          onFavourite();
        }}
      >
        {favourite ? <IconStarFilled size={14} /> : <IconStar size={14} />}
      </span>
    </div>
  );
}

function firstSentence(help: string): string {
  return (/^.*?[.:](?=\s|$)/s.exec(help)?.[0].replace(/:$/, ".") ?? help).replaceAll("`", "");
}
