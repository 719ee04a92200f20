/** The frame of every page: the bar at the left, and the page beside it. On a phone the bar is at the bottom. */
import { ActionIcon, Indicator, Menu, Stack, Tooltip, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconLogout, IconMoon, IconSun, IconUserCircle } from "@tabler/icons-react";
import { Link, Outlet } from "@tanstack/react-router";
import { call, client } from "@/shared/api/client";
import { useSession } from "@/shared/api/session";
import { notifyError } from "@/shared/ui/notify";
import { PLACES, type Place } from "./navigation";
import styles from "./shell.module.css";
import { Wings } from "./wings";

export function Shell() {
  return (
    <div className={styles.frame}>
      <a href="#page" className={styles.skip}>
        Skip to the page
      </a>
      <nav className={styles.bar} aria-label="Main">
        <Link to="/" className={styles.brand} aria-label="Wingbeat, start page">
          <Wings />
        </Link>
        <Places />
        <AccountMenu />
      </nav>
      <main id="page" className={styles.page} tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}

function Places() {
  const administrator = useSession((session) => session.user?.is_admin ?? false);
  const shown = PLACES.filter((place) => administrator || !place.administrators);
  return (
    <Stack gap={4} className={styles.places}>
      {shown.map((place) => (
        <PlaceLink key={place.to} place={place} />
      ))}
    </Stack>
  );
}

function PlaceLink({ place }: { place: Place }) {
  // A place either counts or does not, for as long as the page lives.
  const count = (place.useCount ?? countNothing)();
  const label = count > 0 ? `${place.label}, ${count} waiting` : place.label;
  return (
    <Tooltip label={label} position="right">
      <Link
        to={place.to}
        className={styles.place}
        activeOptions={{ exact: place.to === "/", includeSearch: false }}
        activeProps={{ "data-active": true }}
        aria-label={label}
      >
        <Indicator label={count > 99 ? "99+" : count} disabled={count === 0} size={16} offset={2} color="red">
          <place.icon size={21} stroke={1.7} aria-hidden="true" style={{ display: "block" }} />
        </Indicator>
      </Link>
    </Tooltip>
  );
}

function countNothing(): number {
  return 0;
}

const SCHEMES = [
  { value: "light", label: "Light", icon: IconSun },
  { value: "dark", label: "Dark", icon: IconMoon },
  { value: "auto", label: "As the system", icon: IconDeviceDesktop },
] as const;

function AccountMenu() {
  const user = useSession((session) => session.user);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="right-end" withArrow width={220}>
      <Menu.Target>
        <ActionIcon size={40} aria-label={`Account of ${user?.username ?? "nobody"}`}>
          <IconUserCircle size={23} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Signed in as {user?.username}</Menu.Label>
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
