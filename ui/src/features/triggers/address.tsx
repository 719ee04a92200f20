import { CopyButton } from "@/shared/ui/copy-button";
import styles from "./triggers.module.css";

interface Props {
  url: string;
  /** As "the address of the webhook orders". */
  what: string;
}

/** An address to give away. */
export function Address({ url, what }: Props) {
  return (
    <div className={styles.address}>
      <code>{url}</code>
      <CopyButton value={url} what={what} />
    </div>
  );
}
