import { type ReactNode, useState } from "react";
import { ButtonLink } from "@/components/Button";
import { Badge } from "@/components/states";
import type { BlockedReason, EmissionOverviewFragment } from "@/graphql";
import { useMessages } from "@/i18n";
import { emission } from "@/i18n/emission";
import { useFormats } from "@/i18n/format";
import { useMay } from "@/layout/viewer";
import { BLOCKED_NAMES } from "@/pages/invoices/search";
import { BulkRetry } from "./BulkRetry";

/** What is on its way, rejected or blocked, each with what to do about it. */
export function Waiting({ status, reload }: { status: EmissionOverviewFragment; reload: () => void }) {
  const t = useMessages(emission);
  const format = useFormats();
  // What became of those that were tried again is shown although none is blocked for the reason any more.
  const [retried, setRetried] = useState<readonly BlockedReason[]>([]);
  const { open, oldestOpenSince, rejected } = status;
  const counts = new Map(status.blocked.map(({ reason, count }) => [reason, count]));
  const reasons = [...new Set([...counts.keys(), ...retried])];
  return (
    <section className="card emission-card" aria-labelledby="waiting">
      <h2 id="waiting">{t.state}</h2>
      {open + rejected + reasons.length === 0 && <p>{t.allWell}</p>}
      {reasons.map((reason) => (
        <Blocked
          key={reason}
          reason={reason}
          count={counts.get(reason) ?? 0}
          onRetry={() => setRetried((before) => [...before, reason])}
          onEnd={reload}
        />
      ))}
      {rejected > 0 && (
        <Part title={t.rejected} badge={<Badge kind="danger">{t.invoices(format.count(rejected))}</Badge>}>
          <p>{t.rejectedText(format.count(rejected))}</p>
          <div className="actions">
            <ButtonLink href="/facturas?dgi=rechazadas">{t.see(format.count(rejected))}</ButtonLink>
          </div>
        </Part>
      )}
      {open > 0 && (
        <Part title={t.open} badge={<Badge kind="accent">{t.invoices(format.count(open))}</Badge>}>
          <p>{t.openText(format.count(open))}</p>
          {oldestOpenSince && <p className="muted">{t.oldest(format.moment(oldestOpenSince))}</p>}
          <div className="actions">
            <ButtonLink href="/facturas?dgi=pendientes">{t.see(format.count(open))}</ButtonLink>
          </div>
        </Part>
      )}
    </section>
  );
}

/** Those that are blocked for one reason. */
function Blocked({
  reason,
  count,
  onRetry,
  onEnd,
}: {
  reason: BlockedReason;
  count: number;
  onRetry: () => void;
  onEnd: () => void;
}) {
  const t = useMessages(emission);
  const format = useFormats();
  const mayWrite = useMay("WRITE");
  const isAdmin = useMay("ADMIN");
  const badge = <Badge kind={count ? "warning" : "neutral"}>{t.invoices(format.count(count))}</Badge>;
  return (
    <Part title={`${t.blocked} · ${t.reasons[reason]}`} badge={badge}>
      <p>{count ? t.whatToDo[reason] : t.nothingBlocked}</p>
      <div className="actions">
        {count > 0 && (
          <ButtonLink href={`/facturas?dgi=detenidas&motivo=${BLOCKED_NAMES[reason]}`}>
            {t.see(format.count(count))}
          </ButtonLink>
        )}
        {count > 0 && reason === "CREDENTIALS" && isAdmin && (
          <ButtonLink href="/cuenta">{t.change}</ButtonLink>
        )}
      </div>
      {/* Another number is given to each by itself. */}
      {mayWrite && reason !== "NUMBER_TAKEN" && (
        <BulkRetry reason={reason} count={count} onRetry={onRetry} onEnd={onEnd} />
      )}
    </Part>
  );
}

function Part({ title, badge, children }: { title: string; badge: ReactNode; children: ReactNode }) {
  return (
    <div className="section-part">
      <h3 className="cell-line">
        {title} {badge}
      </h3>
      {children}
    </div>
  );
}
