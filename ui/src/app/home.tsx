/** The start page. */
import { Page } from "@/shared/ui/page";

export function HomePage() {
  return (
    <Page title="Start" description="What runs, what waits, and what needs you.">
      {null}
    </Page>
  );
}
