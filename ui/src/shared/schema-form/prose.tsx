/** Help out of descriptions: `code` as code, and more than a sentence only when it is asked for. */
import { Code, Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import classes from "./form.module.css";
import { firstSentence } from "./words";

export function Prose({ text }: { text: string }) {
  return text.split("`").map((part, at) =>
    at % 2 === 0 ? (
      part
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change their order
      <Code key={at} className={classes.code}>
        {part}
      </Code>
    ),
  );
}

export function FieldHelp({ id, text }: { id?: string; text: string }) {
  const [open, setOpen] = useState(false);
  if (text === "") return null;
  const [first, rest] = firstSentence(text);
  return (
    <Text id={id} component="div" size="xs" c="dimmed" className={classes.help}>
      <Prose text={open ? text : first} />
      {rest !== "" && (
        <UnstyledButton className={classes.more} onClick={() => setOpen(!open)} aria-expanded={open}>
          {open ? "less" : "more"}
        </UnstyledButton>
      )}
    </Text>
  );
}
