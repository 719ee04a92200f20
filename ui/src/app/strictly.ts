/** What an address says is taken as its page reads it. The router alone would keep what makes no sense, such as a tab
 * that is not there, and hand it to the page after all. Pure. */
export function strictly<Search extends object>(read: (search: Record<string, unknown>) => Search) {
  return (search: Record<string, unknown>): Search => {
    const forgotten = Object.fromEntries(Object.keys(search).map((name) => [name, undefined]));
    return { ...forgotten, ...read(search) };
  };
}
