/** The frame of every page: the bar at the left, and the page beside it. On a phone the bar is at the bottom. */
import { useMediaQuery } from "@mantine/hooks";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect } from "react";
import { Tour } from "@/features/welcome";
import { AccountMenu } from "./account-menu";
import { keepFocusHome } from "./focus-home";
import { Help } from "./help";
import { Places } from "./places";
import styles from "./shell.module.css";
import { TOUR_STEPS } from "./tour-steps";
import { Wings } from "./wings";

// Drawing needs the room that words take.
const ROOMY = /^\/workflows\/[^/]+|^\/executions\/[^/]+/;

export function Shell() {
  useEffect(() => keepFocusHome(), []);
  const drawing = ROOMY.test(useLocation({ select: (location) => location.pathname }));
  const narrow = useMediaQuery("(max-width: 75em)", false, { getInitialValueInEffect: false });
  const compact = drawing || narrow;
  return (
    <div className={styles.frame} data-compact={compact || undefined}>
      <a href="#page" className={styles.skip}>
        Skip to the page
      </a>
      <nav className={styles.bar} aria-label="Main">
        <Link to="/" className={styles.brand} aria-label="Wingbeat, start page">
          <Wings />
          <span className={styles.label}>Wingbeat</span>
        </Link>
        <Places compact={compact} />
        <Help />
        <AccountMenu />
      </nav>
      <main id="page" className={styles.page} tabIndex={-1}>
        <Outlet />
      </main>
      <Tour steps={TOUR_STEPS} />
    </div>
  );
}
