import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { invoices } from "@/i18n/invoices";
import type { Invoice } from "./form";

/** The data of the customer that have changed since the invoice was issued. */
export function Drift({ invoice }: { invoice: Invoice }) {
  const t = useMessages(invoices);
  const { fields, identification } = useMessages(customers);
  const labels: Record<string, string> = { ...fields, identification, location: fields.locationCode };
  return (
    <section className="card small" aria-labelledby="drift">
      <h2 id="drift">{t.drift}</h2>
      <p className="muted">{t.frozen}</p>
      <ul className="side-list">
        {invoice.receiverDrift.map(({ field, issued, current }) => (
          <li key={field}>
            <h3>{labels[field] ?? field}</h3>
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
