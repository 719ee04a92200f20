/** What a drawing shows besides the workflow itself. Nodes and connections read narrow parts of it, each its own. */
import { createContext, useContext } from "react";
import { createStore, type StoreApi, useStore } from "zustand";
import type { NodeTypes } from "@/graph/node-type";
import type { Routes } from "@/graph/routes";
import type { RunStates } from "@/graph/run-state";

export type Mark = "added" | "removed" | "changed";

export interface DrawnProblem {
  readonly severity: "error" | "warning";
  readonly message: string;
}

/** How much of a node is drawn: all of it; its icon and name; a block of its colour. */
export type Detail = "full" | "less" | "least";

export interface Drawing {
  readonly nodeTypes: NodeTypes;
  readonly runStates: RunStates;
  /** By the id of a node or of a connection. */
  readonly problems: ReadonlyMap<string, readonly DrawnProblem[]>;
  /** By the id of a node or of a connection. */
  readonly marks: ReadonlyMap<string, Mark>;
  readonly breakpoints: ReadonlySet<string>;
  /** The names of others who are at a node, by its id. */
  readonly others: ReadonlyMap<string, readonly string[]>;
  /** Nodes and connections that are about to receive something, as what is dragged over them. */
  readonly highlighted: string | null;
  readonly detail: Detail;
  /** By the id of a connection that something is in the way of: the way around. */
  readonly routes: Routes;
  /** The note or group whose words are being written. */
  readonly writing: string | null;
}

export type DrawingStore = StoreApi<Drawing>;

export function createDrawing(nodeTypes: NodeTypes, initial: Partial<Drawing> = {}): DrawingStore {
  return createStore<Drawing>(() => ({
    nodeTypes,
    runStates: new Map(),
    problems: new Map(),
    marks: new Map(),
    breakpoints: new Set(),
    others: new Map(),
    highlighted: null,
    detail: "full",
    routes: new Map(),
    writing: null,
    ...initial,
  }));
}

/** What can be done on the drawing itself. Without it, the drawing is only looked at. */
export interface DrawingActions {
  /** Begins to write the words of a note or a group; with null, that is over. */
  write(id: string | null): void;
  insertOn(connectionId: string, at: { x: number; y: number }): void;
  addAfter(nodeId: string, port: string, at: { x: number; y: number }): void;
  writeNote(noteId: string, text: string): void;
  renameGroup(groupId: string, title: string): void;
}

const DrawingContext = createContext<DrawingStore | null>(null);
export const DrawingProvider = DrawingContext.Provider;

const ActionsContext = createContext<DrawingActions | null>(null);
export const DrawingActionsProvider = ActionsContext.Provider;

export function useDrawingStore(): DrawingStore {
  const store = useContext(DrawingContext);
  if (store === null) throw new Error("useDrawing is used outside of a DrawingProvider.");
  return store;
}

export function useDrawing<Part>(part: (drawing: Drawing) => Part): Part {
  return useStore(useDrawingStore(), part);
}

export function useDrawingActions(): DrawingActions | null {
  return useContext(ActionsContext);
}

export function detailOf(zoom: number): Detail {
  if (zoom >= 0.45) return "full";
  return zoom >= 0.22 ? "less" : "least";
}
