/** The places of the app, one below the other; on a phone beside each other. */
import { Menu, Tooltip, UnstyledButton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconDots } from "@tabler/icons-react";
import { Link, useLocation } from "@tanstack/react-router";
import { useAdministersCommunity } from "@/features/people";
import { useSession } from "@/shared/api/session";
import { PLACES, type Place } from "./navigation";
import styles from "./shell.module.css";

// With help and account, what 320 pixels have room for; the others are in a menu.
const ON_A_PHONE = 5;

interface Props {
  /** Whether there is room for icons only. */
  compact: boolean;
}

export function Places({ compact }: Props) {
  const administrator = useSession((session) => session.user?.is_admin ?? false);
  const phone = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const ofCommunity = useAdministersCommunity();
  const shown = PLACES.filter(
    (place) => administrator || !place.only || (ofCommunity && place.only === "community administrators"),
  );
  const first = phone ? shown.slice(0, ON_A_PHONE) : shown;
  return (
    <div className={styles.places}>
      {first.map((place) => (
        <PlaceLink key={place.to} place={place} compact={compact} />
      ))}
      {phone && <MorePlaces places={shown.slice(ON_A_PHONE)} />}
    </div>
  );
}

/** The places that a phone's bar has no room for. */
function MorePlaces({ places }: { places: readonly Place[] }) {
  const here = useLocation({ select: (location) => location.pathname });
  return (
    <Menu position="top" withArrow width={200}>
      <Menu.Target>
        <UnstyledButton
          className={styles.place}
          aria-label="More places"
          data-active={places.some((place) => here.startsWith(place.to)) || undefined}
        >
          <IconDots size={21} stroke={1.7} aria-hidden="true" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {places.map((place) => (
          <Menu.Item
            key={place.to}
            component={Link}
            to={place.to}
            leftSection={<place.icon size={18} stroke={1.7} aria-hidden="true" />}
          >
            {place.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function PlaceLink({ place, compact }: { place: Place; compact: boolean }) {
  // A place either counts or does not, for as long as the page lives.
  const count = (place.useCount ?? countNothing)();
  const label = count > 0 ? `${place.label}, ${count} waiting` : place.label;
  return (
    <Tooltip label={label} position="right" disabled={!compact}>
      <Link
        to={place.to}
        className={styles.place}
        activeOptions={{ exact: place.to === "/", includeSearch: false }}
        activeProps={{ "data-active": true }}
        aria-label={label}
      >
        <span className={styles.icon} data-count={count > 99 ? "99+" : count || undefined}>
          <place.icon size={21} stroke={1.7} aria-hidden="true" />
        </span>
        <span className={styles.label}>{place.label}</span>
      </Link>
    </Tooltip>
  );
}

function countNothing(): number {
  return 0;
}
