/** A title that is changed in place: it looks like text until it is pointed at or edited. */
import { TextInput, type TextInputProps } from "@mantine/core";
import styles from "./quiet-input.module.css";

const LONGEST = 255;

interface Props extends Omit<TextInputProps, "classNames" | "size" | "styles"> {
  /** The look of its text: size and weight. */
  look: string | undefined;
}

export function QuietInput({ look, ...props }: Props) {
  return (
    <TextInput
      {...props}
      classNames={{ input: `${styles.input} ${look ?? ""}` }}
      size="xs"
      maxLength={LONGEST}
      spellCheck={false}
      autoComplete="off"
    />
  );
}
