/** Who is signed in, how pages look, and the way out. */
import { Menu, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import {
  IconDeviceDesktop,
  IconKey,
  IconLogout,
  IconMoon,
  IconSettings,
  IconSun,
  IconUserCircle,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { call, client } from "@/shared/api/client";
import { useSession } from "@/shared/api/session";
import { notifyError } from "@/shared/ui/notify";
import styles from "./shell.module.css";

const SCHEMES = [
  { value: "light", label: "Light", icon: IconSun },
  { value: "dark", label: "Dark", icon: IconMoon },
  { value: "auto", label: "As the system", icon: IconDeviceDesktop },
] as const;

export function AccountMenu() {
  const user = useSession((session) => session.user);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="right-end" withArrow width={220}>
      <Menu.Target>
        <UnstyledButton className={styles.place} aria-label={`Account of ${user?.username ?? "nobody"}`}>
          <IconUserCircle size={21} stroke={1.7} aria-hidden="true" />
          <span className={styles.label}>{user?.display_name || user?.username}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Signed in as {user?.username}</Menu.Label>
        <Menu.Item component={Link} to="/settings" leftSection={<IconSettings size={16} />}>
          Settings
        </Menu.Item>
        <Menu.Item component={Link} to="/settings/tokens" leftSection={<IconKey size={16} />}>
          Personal tokens
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Appearance</Menu.Label>
        {SCHEMES.map((scheme) => (
          <Menu.Item
            key={scheme.value}
            leftSection={<scheme.icon size={16} />}
            onClick={() => setColorScheme(scheme.value)}
            aria-current={colorScheme === scheme.value}
            fw={colorScheme === scheme.value ? 650 : undefined}
          >
            {scheme.label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={signOut}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

async function signOut(): Promise<void> {
  try {
    await call(client.POST("/api/v1/auth/logout"));
    location.assign("/sign-in");
  } catch (error) {
    notifyError("sign out", error);
  }
}
