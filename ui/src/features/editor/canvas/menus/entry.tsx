import { Kbd, Menu } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";

interface Props {
  icon: Icon;
  label: string;
  keys?: string;
  danger?: boolean;
  disabled?: boolean;
  onClick: () => void;
}

/** A line of a menu, with the keys that do the same. */
export function Entry({ icon: Shown, label, keys, danger = false, disabled = false, onClick }: Props) {
  return (
    <Menu.Item
      leftSection={<Shown size={16} stroke={1.8} aria-hidden="true" />}
      rightSection={keys ? <Kbd size="xs">{keys}</Kbd> : undefined}
      color={danger ? "red" : undefined}
      disabled={disabled}
      onClick={onClick}
    >
      {label}
    </Menu.Item>
  );
}
