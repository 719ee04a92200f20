import { Anchor, Typography } from "@mantine/core";
import Reactdown from "react-markdown";

interface Props {
  text: string;
}

// Anything else is no link: neither scripts nor files nor data.
const SAFE = /^(https?:|mailto:)/i;

/** Text of users as Markdown: no markup of theirs is taken, pictures are not fetched, and links leave in a tab of their own. */
export function Markdown({ text }: Props) {
  return (
    <Typography p={0} fz="sm">
      <Reactdown
        skipHtml
        disallowedElements={["img"]}
        urlTransform={(url) => (SAFE.test(url) ? url : "")}
        components={{
          a: ({ href, children }) =>
            href ? (
              <Anchor href={href} target="_blank" rel="noopener noreferrer" inherit>
                {children}
              </Anchor>
            ) : (
              children
            ),
        }}
      >
        {text}
      </Reactdown>
    </Typography>
  );
}
