/** What the canvas shows for a moment: the palette, a menu, guides. None of it is part of the workflow. */
import { createContext, useContext } from "react";
import { createStore, type StoreApi, useStore } from "zustand";
import type { Position } from "@/graph/workflow";
import type { Intent } from "./placing";
import type { Guide } from "./settle";

/** A place on the screen. */
export type Point = Position;

export type MenuSubject =
  | { readonly kind: "canvas"; readonly position: Position }
  | { readonly kind: "step"; readonly id: string }
  | { readonly kind: "connection"; readonly id: string }
  | { readonly kind: "annotation"; readonly id: string };

interface CanvasState {
  /** The list of steps at the left. */
  readonly palette: boolean;
  /** The list of steps at a place, for a step that is put there. */
  readonly adding: { readonly at: Point; readonly intent: Intent } | null;
  readonly menu: { readonly at: Point; readonly subject: MenuSubject } | null;
  /** The step from which somebody connects by keyboard. */
  readonly connecting: string | null;
  readonly guides: readonly Guide[];
  /** What is heard by those who do not see. */
  readonly announcement: string;
}

export type CanvasStore = StoreApi<CanvasState>;

export function createCanvasStore(): CanvasStore {
  return createStore<CanvasState>(() => ({
    palette: false,
    adding: null,
    menu: null,
    connecting: null,
    guides: [],
    announcement: "",
  }));
}

const CanvasContext = createContext<CanvasStore | null>(null);
export const CanvasProvider = CanvasContext.Provider;

export function useCanvasStore(): CanvasStore {
  const store = useContext(CanvasContext);
  if (store === null) throw new Error("useCanvasStore is used outside of a canvas.");
  return store;
}

export function useCanvas<Part>(part: (state: CanvasState) => Part): Part {
  return useStore(useCanvasStore(), part);
}
