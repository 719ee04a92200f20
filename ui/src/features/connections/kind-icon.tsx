import { ThemeIcon } from "@mantine/core";
import {
  type Icon,
  IconBrain,
  IconBucket,
  IconDatabase,
  IconKey,
  IconLogin2,
  IconMail,
  IconRobot,
  IconSignature,
  IconTicket,
  IconTools,
  IconUser,
} from "@tabler/icons-react";

// By the names of pictures that kinds say they have.
const PICTURES: Record<string, Icon> = {
  bucket: IconBucket,
  database: IconDatabase,
  key: IconKey,
  mail: IconMail,
  model: IconBrain,
  robot: IconRobot,
  "sign-in": IconLogin2,
  signature: IconSignature,
  ticket: IconTicket,
  tools: IconTools,
  user: IconUser,
};

/** The picture of a kind of connection. */
export function KindIcon({ icon, size = 38 }: { icon: string | undefined; size?: number }) {
  const Picture = PICTURES[icon ?? "key"] ?? IconKey;
  return (
    <ThemeIcon variant="light" size={size} radius="md" aria-hidden="true">
      <Picture size={size * 0.54} stroke={1.7} />
    </ThemeIcon>
  );
}
