/**
 * What strings may become code or markup, under the page's Trusted Types policy: none that holds a tag.
 *
 * Libraries set the text of their style sheets by innerHTML; text without "<" can make no element, wherever it is put.
 * Workers come from our own assets only.
 */
const refuse = (what: string): never => {
  throw new TypeError(`${what} from a string is refused here.`);
};

interface PolicyFactory {
  createPolicy(name: string, rules: Record<string, (text: string) => string>): unknown;
}

const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;

factory?.createPolicy("default", {
  createHTML: (text) => (text.includes("<") ? refuse("Markup") : text),
  createScript: () => refuse("A script"),
  createScriptURL: (text) => {
    const url = new URL(text, location.href);
    return url.origin === location.origin && url.pathname.startsWith("/assets/")
      ? text
      : refuse("A script's address");
  },
});

export {};
