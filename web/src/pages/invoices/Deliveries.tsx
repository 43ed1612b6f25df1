import { useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/Button";
import { Badge, Notice } from "@/components/states";
import { useToast } from "@/components/Toast";
import type { FiscalStatus } from "@/graphql";
import { useErrorText } from "@/graphql/errors";
import { REDELIVER } from "@/graphql/redeliver";
import { useMessages } from "@/i18n";
import { useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";
import { useMay } from "@/layout/viewer";
import { reasonOf, waitsUntilTomorrow } from "./delivery";
import type { SalesDocument } from "./form";

const MAY_YET_BE_AUTHORIZED: readonly FiscalStatus[] = [
  "QUEUED",
  "CHECKING",
  "ACCEPTED",
  "REJECTED",
  "BLOCKED",
];

const KINDS = { PENDING: "neutral", DELIVERED: "success", FAILED: "danger" } as const;

/** The e-mails by which the document was sent. */
export function Deliveries({ document, onChange }: { document: SalesDocument; onChange: () => void }) {
  const t = useMessages(invoices);
  const format = useFormats();
  const toast = useToast();
  const errorText = useErrorText();
  const mayRedeliver = useMay("ADMIN");
  const [{ fetching }, redeliver] = useMutation(REDELIVER);
  const [problem, setProblem] = useState<string>();
  const [now] = useState(() => new Date());

  function noneText(): string {
    if (!document.notify) return t.deliveriesNotWanted;
    if (!document.receiver?.email) return t.deliveriesNoAddress;
    return MAY_YET_BE_AUTHORIZED.includes(document.fiscal.status) ? t.deliveriesLater : t.deliveriesNone;
  }

  /** What an e-mail told of, if that isn't the invoice itself. */
  function toldOf(type: string): string | undefined {
    if (type.endsWith("_VOIDED")) return t.toldOfVoid;
    return type.endsWith("_SENT") ? t.toldByHand : undefined;
  }

  async function sendAgain(id: string) {
    const { data, error } = await redeliver({ id });
    const refusal = data?.redeliver.userErrors[0];
    setProblem(error ? errorText(error) : refusal?.message);
    if (error || refusal) return;
    toast(t.sentAgain);
    onChange();
  }

  return (
    <section className="card small" aria-labelledby="deliveries">
      <h2 id="deliveries">{t.deliveries}</h2>
      {problem && (
        <Notice kind="danger" role="alert">
          {problem}
        </Notice>
      )}
      {document.deliveries.length === 0 && <p className="muted">{noneText()}</p>}
      {document.deliveries.length > 0 && (
        <ul className="side-list">
          {document.deliveries.map((delivery) => (
            <li key={delivery.id}>
              <p className="delivery">
                <span>{delivery.email}</span>
                <Badge kind={KINDS[delivery.status]}>{t.deliveryStatuses[delivery.status]}</Badge>
              </p>
              <p className="muted">
                {toldOf(delivery.type) && `${toldOf(delivery.type)} · `}
                {format.moment(delivery.settledAt ?? delivery.beganAt)}
                {delivery.attempts > 1 && ` · ${t.attempts(delivery.attempts)}`}
              </p>
              {waitsUntilTomorrow(delivery, now) && <p className="muted">{t.mailWaits}</p>}
              {delivery.error && delivery.attempts > 0 && (
                <div className="field-error">
                  {reasonOf(delivery) !== undefined && (
                    <p>{t.mailFailures[reasonOf(delivery) ?? "unknown"]}</p>
                  )}
                  <p lang="en">{delivery.error}</p>
                </div>
              )}
              {delivery.status === "PENDING" &&
                delivery.error &&
                delivery.attempts > 0 &&
                delivery.nextAttemptAt && (
                  <p className="muted">{t.nextAttempt(format.moment(delivery.nextAttemptAt))}</p>
                )}
              {mayRedeliver && delivery.status !== "PENDING" && (
                <Button kind="quiet" busy={fetching} onClick={() => sendAgain(delivery.id)}>
                  {t.sendAgain}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
