/**
 * Tells texts that an editor gave away, and gets back as its value a moment later, from texts that others put there. While
 * somebody types fast, a text that comes back is older than what stands in the editor: it must not take its place.
 */
export class Echo {
  private readonly given: string[] = [];
  private known: string;

  constructor(start: string) {
    this.known = start;
  }

  /** Whether this text is to be given away: it is another one than was given or taken last. */
  gives(text: string): boolean {
    if (text === this.known) return false;
    this.known = text;
    this.given.push(text);
    return true;
  }

  /** Whether this value is to be put into the editor: somebody else made it. */
  takes(value: string): boolean {
    const place = this.given.indexOf(value);
    if (place >= 0) {
      this.given.splice(0, place + 1);
      return false;
    }
    this.given.length = 0;
    const other = value !== this.known;
    this.known = value;
    return other;
  }
}
