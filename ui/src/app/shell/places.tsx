/** The places of the app, one below the other; on a phone beside each other. */
import { Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useSession } from "@/shared/api/session";
import { PLACES, type Place } from "./navigation";
import styles from "./shell.module.css";

interface Props {
  /** Whether there is room for icons only. */
  compact: boolean;
}

export function Places({ compact }: Props) {
  const administrator = useSession((session) => session.user?.is_admin ?? false);
  const shown = PLACES.filter((place) => administrator || !place.administrators);
  return (
    <div className={styles.places}>
      {shown.map((place) => (
        <PlaceLink key={place.to} place={place} compact={compact} />
      ))}
    </div>
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
