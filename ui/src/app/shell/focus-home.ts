/**
 * The focus never falls out of the page. When what has it goes away or is switched off, as a row that is deleted or a
 * button while something is under way, it goes to what comes next, and else to the part of the page around it.
 */
const TABBABLE =
  'a[href], button, input:not([type="hidden"]), textarea, select, summary, [contenteditable="true"], [tabindex]';
/** What is drawn over the page is at the end of the document, and no neighbour of what it belongs to. */
const OVERLAY = "[data-portal]";
const DIALOG = '[role="dialog"][aria-modal="true"]';
/** Whoever takes the focus by themselves, as a dialog that opens, is given the time. */
const GRACE_MS = 50;
/** A button is often switched off for as long as what it does takes. */
const BUSY_MS = 600;

/** Where the focus was: the element and what is around it, from the inside to the outside. */
type Trail = readonly Element[];

/** Gives what ends it. */
export function keepFocusHome(page: Document = document): () => void {
  let last: Trail = [];
  let lastInPage: Trail = [];
  let next: Element | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const note = ({ target }: Event) => {
    if (!(target instanceof Element) || target === page.body) return;
    last = trailOf(target);
    if (!target.closest(OVERLAY)) lastInPage = last;
    next = null;
  };
  // Whoever clicks where nothing takes the focus has left what had it, and is not taken back.
  const leave = () => {
    const element = last[0];
    if (element?.isConnected && !isOff(element) && page.activeElement === page.body) last = [];
  };
  const look = (records: readonly MutationRecord[]) => {
    const element = last[0];
    if (element === undefined || hasFocus(page)) return;
    if (element.isConnected && !isOff(element)) return;
    next ??= neighbourOf(records, last);
    clearTimeout(timer);
    timer = setTimeout(bringHome, element.isConnected ? BUSY_MS : GRACE_MS);
  };
  const bringHome = () => {
    const element = last[0];
    if (element === undefined || hasFocus(page)) return;
    if (element.isConnected && !isOff(element)) focus(element);
    else focus(inDialog(page, element) ?? beside(page, element, next) ?? around(last) ?? around(lastInPage));
    if (!hasFocus(page)) focus(page.querySelector("main"));
  };

  const watcher = new MutationObserver(look);
  const change = {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["disabled", "hidden"],
  };
  watcher.observe(page.body, change);
  page.addEventListener("focusin", note);
  page.addEventListener("pointerup", leave, true);
  return () => {
    clearTimeout(timer);
    watcher.disconnect();
    page.removeEventListener("focusin", note);
    page.removeEventListener("pointerup", leave, true);
  };
}

/** Nothing outside of a dialog that is open can have the focus. */
function inDialog(page: Document, element: Element): Element | null {
  const dialog = [...page.querySelectorAll(DIALOG)].at(-1);
  return dialog && !dialog.contains(element) ? (firstIn(dialog) ?? dialog) : null;
}

function beside(page: Document, element: Element, next: Element | null): Element | null {
  if (element.isConnected) return after(page, element);
  return next?.isConnected ? firstIn(next) : null;
}

function trailOf(element: Element): Trail {
  const trail: Element[] = [];
  for (let at: Element | null = element; at !== null; at = at.parentElement) trail.push(at);
  return trail;
}

function hasFocus(page: Document): boolean {
  const { activeElement } = page;
  return activeElement !== null && activeElement !== page.body && !isOff(activeElement);
}

function isOff(element: Element): boolean {
  return element.matches(":disabled") || element.closest("[hidden], [inert]") !== null;
}

/** What comes after that part which was taken away, or else before it. */
function neighbourOf(records: readonly MutationRecord[], trail: Trail): Element | null {
  const record = records.find(({ removedNodes }) =>
    [...removedNodes].some((node) => trail.includes(node as Element)),
  );
  if (record === undefined || isOver(record.target)) return null;
  if ([...record.removedNodes].some(isOver)) return null;
  const sides = [
    // What is put in its place counts first.
    ...record.addedNodes,
    ...along(record.nextSibling, (node) => node.nextSibling),
    ...along(record.previousSibling, (node) => node.previousSibling),
  ];
  const near = sides.filter((node): node is Element => node instanceof Element && !isOver(node));
  return near.find((element) => firstIn(element) !== null) ?? null;
}

function* along(begin: Node | null, next: (node: Node) => Node | null): Generator<Node> {
  for (let node = begin; node !== null; node = next(node)) yield node;
}

function isOver(node: Node): boolean {
  return node instanceof Element && node.closest(OVERLAY) !== null;
}

function tabbables(within: ParentNode): HTMLElement[] {
  return [...within.querySelectorAll<HTMLElement>(TABBABLE)].filter(isTabbable);
}

function isTabbable(element: HTMLElement): boolean {
  return element.tabIndex >= 0 && !isOff(element);
}

function firstIn(element: Element): HTMLElement | null {
  if (element instanceof HTMLElement && element.matches(TABBABLE) && isTabbable(element)) return element;
  return tabbables(element)[0] ?? null;
}

/** The next one that can have the focus in the same part of the page. */
function after(page: Document, element: Element): HTMLElement | null {
  const part = element.closest(`${DIALOG}, main, nav`) ?? page.body;
  const all = tabbables(part);
  const follows = (one: Element) => element.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING;
  return all.find(follows) ?? all.at(-1) ?? null;
}

/** The innermost part around it that is still there and can have the focus; the page itself is none. */
function around(trail: Trail): HTMLElement | null {
  const left = trail.filter(
    (element) => element.isConnected && element instanceof HTMLElement && !isOff(element),
  );
  return (left.find(
    (element) => (element as HTMLElement).hasAttribute("tabindex") || element.matches(TABBABLE),
  ) ?? null) as HTMLElement | null;
}

function focus(element: Element | null): void {
  (element as HTMLElement | null)?.focus({ preventScroll: element?.matches("main") ?? false });
}
