/** The log of who did what, with the pages of what that was done to. */
import { AuditPage } from "@/features/audit/pages/audit";
import { links } from "./links";

export function Audit() {
  return <AuditPage links={links} />;
}
