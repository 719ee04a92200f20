/** The text of a note. Its own chunk: most drawings have no notes. */
import { Markdown } from "../ui/markdown";

export default function NoteText({ text }: { text: string }) {
  return <Markdown text={text} />;
}
