/** Ctrl-K: everything that can be done, the steps to go to, and the steps to add, by a few letters. */
import { Spotlight } from "@mantine/spotlight";
import { IconCommand, IconCornerDownRight, IconPlus, IconSearch } from "@tabler/icons-react";
import { useRef, useState } from "react";
import type { NodeType } from "@/graph/node-type";
import { type Found, search, titleOf } from "@/graph/search";
import { besideSelected } from "../canvas/beside";
import { addStep } from "../canvas/editing";
import { searchSteps } from "../canvas/palette/search";
import { showStep } from "../canvas/show-step";
import { type EditorStore, useEditor, useEditorStore } from "../store";
import { KeyCaps } from "./key-caps";
import { ACTIONS, type Desk } from "./table";

const MOST = 8;
const CLOSING = { duration: 100, transition: "pop" } as const;

export function CommandPalette({ desk }: { desk: Desk }) {
  const [query, setQuery] = useState("");
  const chosen = useRef<(() => void) | null>(null);
  // While it closes, it holds the focus and then gives it back; what was chosen may take it elsewhere.
  const closed = () => {
    const run = chosen.current;
    chosen.current = null;
    run?.();
  };
  const choose = (run: () => void) => {
    chosen.current = run;
  };
  return (
    <Spotlight.Root
      query={query}
      onQueryChange={setQuery}
      scrollable
      maxHeight="60vh"
      shortcut={null}
      transitionProps={CLOSING}
      onExitTransitionEnd={closed}
    >
      <Spotlight.Search
        placeholder="What do you want to do, see or add?"
        leftSection={<IconSearch size={18} stroke={1.7} />}
        aria-label="Search for commands and steps"
      />
      <Spotlight.ActionsList>
        <Choices query={query.trim()} desk={desk} choose={choose} />
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

interface Choosing {
  /** Does it once the palette is closed. */
  choose(run: () => void): void;
}

function Choices({ query, desk, choose }: { query: string; desk: Desk } & Choosing) {
  const store = useEditorStore();
  const state = store.getState();
  const { history, nodeTypes, readOnly } = state;
  const commands = ACTIONS.filter(
    (action) => (action.isFor?.(state) ?? true) && fits(`${action.label} ${action.group}`, query),
  );
  const steps =
    query === "" ? [] : search(history.present, nodeTypes, query).filter(({ kind }) => kind === "node");
  const types = query === "" || readOnly ? [] : searchSteps([...nodeTypes.values()], query);
  if (commands.length + steps.length + types.length === 0) {
    return <Spotlight.Empty>Nothing is called so. Try fewer letters.</Spotlight.Empty>;
  }
  return (
    <>
      {steps.length > 0 && (
        <Spotlight.ActionsGroup label="Go to">
          {steps.slice(0, MOST).map((found) => (
            <Spotlight.Action
              key={found.id}
              label={titleOf(history.present, nodeTypes, found.id)}
              description={found.where === "Name" ? found.id : `${found.where}: ${found.excerpt}`}
              leftSection={<IconCornerDownRight size={18} stroke={1.7} />}
              onClick={() => choose(() => goTo(store, found))}
            />
          ))}
        </Spotlight.ActionsGroup>
      )}
      {commands.length > 0 && (
        <Spotlight.ActionsGroup label="Do">
          {commands.map((action) => (
            <Spotlight.Action
              key={action.label}
              label={action.label}
              leftSection={<IconCommand size={18} stroke={1.7} />}
              rightSection={action.keys?.[0] && <KeyCaps keys={action.keys[0]} />}
              onClick={() => choose(() => action.run(desk))}
            />
          ))}
        </Spotlight.ActionsGroup>
      )}
      {types.length > 0 && <AddGroup types={types.slice(0, MOST)} choose={choose} />}
    </>
  );
}

function AddGroup({ types, choose }: { types: readonly NodeType[] } & Choosing) {
  const store = useEditorStore();
  const readOnly = useEditor((state) => state.readOnly);
  if (readOnly) return null;
  return (
    <Spotlight.ActionsGroup label="Add">
      {types.map((type) => (
        <Spotlight.Action
          key={type.type}
          label={type.title}
          description={type.type}
          leftSection={<IconPlus size={18} stroke={1.7} />}
          onClick={() => choose(() => add(store, type))}
        />
      ))}
    </Spotlight.ActionsGroup>
  );
}

function goTo(store: EditorStore, { id, parameter }: Found): void {
  store.getState().show(id, parameter);
  if (!parameter) showStep(store, id);
}

function add(store: EditorStore, type: NodeType): void {
  const id = addStep(store, type, besideSelected(store.getState(), type));
  if (id !== null) showStep(store, id);
}

function fits(text: string, query: string): boolean {
  const lower = text.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}
