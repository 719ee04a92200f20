/** Places in the header of a page that the page beneath fills: its title, and what one can do. */
import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import { createPortal } from "react-dom";

type Place = "title" | "actions";
type Places = Readonly<Record<Place, HTMLElement | null>>;

const PlacesContext = createContext<Places>({ title: null, actions: null });

interface ProviderProps {
  children: (slots: Readonly<Record<Place, (element: HTMLElement | null) => void>>) => ReactNode;
}

/** Gives its child a `ref` for each place; whatever is within may fill them. */
export function HeaderSlots({ children }: ProviderProps) {
  const [title, setTitle] = useState<HTMLElement | null>(null);
  const [actions, setActions] = useState<HTMLElement | null>(null);
  const places = useMemo(() => ({ title, actions }), [title, actions]);
  return (
    <PlacesContext.Provider value={places}>
      {children({ title: setTitle, actions: setActions })}
    </PlacesContext.Provider>
  );
}

/** Fills a place in the header. */
export function HeaderSlot({ place, children }: { place: Place; children: ReactNode }) {
  const element = useContext(PlacesContext)[place];
  return element && createPortal(children, element);
}
