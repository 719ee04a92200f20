/** Changing a value within a value, sharing what stays. A path is the keys of objects and places of lists. */
import type { Json } from "@/graph/workflow";
import { isObject } from "./schema";

export type Path = readonly (string | number)[];

/** With another value at the path; undefined takes it away. Objects on the way are made where there are none. */
export function setIn(value: Json | undefined, path: Path, next: Json | undefined): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return next;
  if (Array.isArray(value)) return setInList(value, Number(step), rest, next);
  const object = isObject(value) ? value : {};
  const inner = setIn(object[step], rest, next);
  if (inner !== undefined) return { ...object, [step]: inner };
  const { [step]: _gone, ...others } = object;
  return others;
}

function setInList(list: readonly Json[], place: number, rest: Path, next: Json | undefined): Json {
  const inner = setIn(list[place], rest, next);
  if (inner === undefined) return list.filter((_, at) => at !== place);
  return list.map((one, at) => (at === place ? inner : one)).concat(place >= list.length ? [inner] : []);
}

/** With the element at `from` moved to `to`. */
export function moved<Element>(list: readonly Element[], from: number, to: number): Element[] {
  const copy = [...list];
  const [element] = copy.splice(from, 1);
  if (element !== undefined) copy.splice(to, 0, element);
  return copy;
}

/** An object with a key renamed at its place. Another one of that name gives way. */
export function renamed(
  object: Readonly<Record<string, Json>>,
  old: string,
  name: string,
): Record<string, Json> {
  const others = Object.entries(object).filter(([key]) => key === old || key !== name);
  return Object.fromEntries(others.map(([key, value]) => [key === old ? name : key, value]));
}

export function dotted(path: Path): string {
  return path.join(".");
}
