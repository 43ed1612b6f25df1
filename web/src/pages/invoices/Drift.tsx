import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";
import type { Invoice } from "./form";

/** Where the customer is no longer what the invoice says. */
export function Drift({ invoice }: { invoice: Invoice }) {
  const t = useMessages(invoices);
  return (
    <section className="card small" aria-labelledby="drift">
      <h2 id="drift">{t.drift}</h2>
      <p className="muted">{t.frozen}</p>
      <ul className="side-list">
        {invoice.receiverDrift.map(({ field, issued, current }) => (
          <li key={field}>
            <h3>{(t.driftFields as Record<string, string>)[field] ?? field}</h3>
            <dl className="pairs">
              <div>
                <dt>{t.driftIssued}</dt>
                <dd>{issued || "—"}</dd>
              </div>
              <div>
                <dt>{t.driftNow}</dt>
                <dd>{current || "—"}</dd>
              </div>
            </dl>
          </li>
        ))}
      </ul>
    </section>
  );
}
