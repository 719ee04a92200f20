/** By which texts people are addressed in workflows. Pure. */
export interface Person {
  readonly username: string;
  readonly display_name: string;
  readonly email: string;
}

/** Whether somebody is found by what is typed: by user name, name or address. */
export function isFound(person: Person, typed: string): boolean {
  const words = typed.trim().toLowerCase();
  return [person.username, person.display_name, person.email].some((text) =>
    text.toLowerCase().includes(words),
  );
}

/** What is written that addresses nobody who is here: no user name, no other kind of name, and no address. */
export function unknownAmong(texts: readonly string[], people: readonly Person[]): string[] {
  const names = new Set(people.map(({ username }) => username));
  return texts.filter((text) => !names.has(text) && !/^\d+$|^role:|^community:|@|\{\{/.test(text.trim()));
}

/** Of an address that somebody has who is here: their user name, under which they would see it. */
export function accountOf(text: string, people: readonly Person[]): string | null {
  const owner = people.find(({ email, username }) => email !== "" && email === text && username !== text);
  return owner?.username ?? null;
}
