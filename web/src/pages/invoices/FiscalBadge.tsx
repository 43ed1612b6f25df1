import "./fiscal.css";
import { Badge } from "@/components/states";
import type { Environment, FiscalStatus } from "@/graphql";
import { useMessages } from "@/i18n";
import { fiscal } from "@/i18n/fiscal";

const KINDS = {
  NONE: "neutral",
  QUEUED: "accent",
  CHECKING: "accent",
  ACCEPTED: "accent",
  AUTHORIZED: "success",
  REJECTED: "danger",
  BLOCKED: "warning",
  VOIDING: "accent",
  VOIDED: "neutral",
  WITHDRAWN: "neutral",
} as const satisfies Record<FiscalStatus, string>;

/** How far an electronic invoice is on its way to the DGI, marked where it is a test; nothing for other invoices. */
export function FiscalBadge({
  fiscal: { status, environment },
}: {
  fiscal: { status: FiscalStatus; environment: Environment | null };
}) {
  const t = useMessages(fiscal);
  if (status === "NONE") return null;
  return (
    <span className="fiscal-badges">
      <Badge kind={KINDS[status]}>{t.statuses[status]}</Badge>
      {environment === "TEST" && <Badge kind="warning">{t.environments.TEST}</Badge>}
    </span>
  );
}
