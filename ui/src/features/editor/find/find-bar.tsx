/** Ctrl-F: where something is written in the workflow. */
import { ActionIcon, Paper, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconSearch, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, useDeferredValue, useId, useMemo, useState } from "react";
import { type Found, search, titleOf } from "@/graph/search";
import { annotationElementId } from "@/shared/graph-view/elements";
import { focusCanvas } from "../canvas/show-step";
import { type EditorStore, useEditor, useEditorStore } from "../store";
import styles from "./find.module.css";

const MOST = 100;

export function FindBar() {
  const finding = useEditor(({ page }) => page.finding);
  return finding ? <Finder /> : null;
}

function Finder() {
  const store = useEditorStore();
  const [query, setQuery] = useState("");
  const [place, setPlace] = useState(0);
  const workflow = useEditor(({ history }) => history.present);
  const types = useEditor((state) => state.nodeTypes);
  const asked = useDeferredValue(query);
  const found = useMemo(() => search(workflow, types, asked), [workflow, types, asked]);
  const id = useId();
  const close = () => {
    const { selection, setPage } = store.getState();
    setPage({ finding: false });
    focusCanvas([...selection.nodes][0]);
  };

  const go = (to: number) => {
    const one = found[to];
    if (one === undefined) return;
    setPlace(to);
    reveal(store, one);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      setPlace((now) => Math.min(Math.max(now + by, 0), Math.max(found.length - 1, 0)));
    }
    if (event.key === "Enter") go(place);
  };
  return (
    <Paper className={styles.finder} shadow="md" role="search" aria-label="Find in the workflow">
      <TextInput
        aria-label="Find in the workflow"
        role="combobox"
        aria-expanded={found.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={found.length > 0 ? `${id}-${place}` : undefined}
        placeholder="A name, an id, or what a parameter says"
        autoFocus
        value={query}
        leftSection={<IconSearch size={16} />}
        rightSection={
          <ActionIcon size={24} onClick={close} aria-label="Close">
            <IconX size={15} />
          </ActionIcon>
        }
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setPlace(0);
        }}
        onKeyDown={onKeyDown}
      />
      {query.trim() !== "" && <Results id={id} found={found} place={place} onGo={go} />}
    </Paper>
  );
}

interface ResultsProps {
  id: string;
  found: readonly Found[];
  place: number;
  onGo: (place: number) => void;
}

function Results({ id, found, place, onGo }: ResultsProps) {
  return (
    <>
      <Text size="xs" c="dimmed" px={8} py={6} role="status">
        {found.length === 0 ? "Nothing found" : `${found.length} found`}
      </Text>
      <div className={styles.list} role="listbox" id={`${id}-list`} aria-label="Places where it is written">
        {found.slice(0, MOST).map((one, index) => (
          <Result
            key={`${one.kind} ${one.id}`}
            id={`${id}-${index}`}
            found={one}
            active={index === place}
            onGo={() => onGo(index)}
          />
        ))}
      </div>
    </>
  );
}

interface ResultProps {
  id: string;
  found: Found;
  active: boolean;
  onGo: () => void;
}

function Result({ id, found, active, onGo }: ResultProps) {
  const title = useEditor(({ history, nodeTypes }) =>
    found.kind === "node" ? titleOf(history.present, nodeTypes, found.id) : "Note",
  );
  return (
    <UnstyledButton
      id={id}
      className={styles.result}
      data-active={active || undefined}
      role="option"
      aria-selected={active}
      tabIndex={-1}
      onClick={onGo}
    >
      <span className={styles.title}>{title}</span>
      {found.where !== "Name" && (
        <span className={styles.excerpt}>
          {found.where}: {found.excerpt}
        </span>
      )}
    </UnstyledButton>
  );
}

function reveal(store: EditorStore, found: Found): void {
  const { show, select, canvas } = store.getState();
  if (found.kind === "node") show(found.id, found.parameter);
  else {
    select({ annotations: new Set([found.id]) });
    canvas?.center([annotationElementId(found.id)]);
  }
}
