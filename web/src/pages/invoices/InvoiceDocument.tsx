import { Link } from "wouter";
import { useMessages } from "@/i18n";
import { formatPhone, useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";
import type { Account, Invoice } from "./form";
import { Totals } from "./Totals";

/** The invoice as a document, to read and to print. */
export function InvoiceDocument({ invoice, account }: { invoice: Invoice; account: Account }) {
  const t = useMessages(invoices);
  const format = useFormats();
  const issuer = invoice.issuer ?? account;
  const receiver = invoice.receiver ?? invoice.customer;
  const point = account.billingPoints.find(({ code }) => code === invoice.billingPoint);
  return (
    <article className="card document">
      <header className="document-header">
        <div>
          <p className="document-issuer">{issuer.name}</p>
          {issuer.ruc && (
            <p className="muted">
              RUC {issuer.ruc} DV {issuer.dv}
            </p>
          )}
          {issuer.address && <p className="muted multiline">{issuer.address}</p>}
          <p className="muted">{toContact(issuer)}</p>
        </div>
        <dl className="pairs document-facts">
          <div>
            <dt>{t.number}</dt>
            <dd className="numeric">{invoice.number ?? t.draft}</dd>
          </div>
          <div>
            <dt>{t.billingPoint}</dt>
            <dd>{[invoice.billingPoint, point?.name].filter(Boolean).join(" · ")}</dd>
          </div>
          <div>
            <dt>{t.issueDate}</dt>
            <dd>{invoice.issueDate ? format.date(invoice.issueDate) : t.whenIssued}</dd>
          </div>
          {invoice.dueDate && (
            <div>
              <dt>{t.dueDate}</dt>
              <dd>{format.date(invoice.dueDate)}</dd>
            </div>
          )}
        </dl>
      </header>
      <section aria-labelledby="bill-to">
        <h2 id="bill-to" className="document-label">
          {t.billTo}
        </h2>
        <p>
          <Link href={`/clientes/${invoice.customer.id}`} className="document-receiver">
            {receiver.name}
          </Link>
        </p>
        {receiver.identification && <p>{receiver.identification}</p>}
        {receiver.address && <p className="muted multiline">{receiver.address}</p>}
        {receiver.location && (
          <p className="muted">
            {[receiver.location.corregimiento, receiver.location.district, receiver.location.province].join(
              ", ",
            )}
          </p>
        )}
        <p className="muted">{toContact(receiver)}</p>
      </section>
      <table className="document-lines">
        <caption className="visually-hidden">{t.lines}</caption>
        <thead>
          <tr>
            <th scope="col">{t.description}</th>
            <th scope="col" className="end">
              {t.quantity}
            </th>
            <th scope="col" className="end">
              {t.unitPrice}
            </th>
            <th scope="col" className="end">
              {t.discountShort}
            </th>
            <th scope="col" className="end">
              {t.itbms}
            </th>
            <th scope="col" className="end">
              {t.net}
            </th>
          </tr>
        </thead>
        <tbody className="numeric">
          {invoice.lines.map((line) => (
            <tr key={line.position}>
              <td className="multiline">{line.description}</td>
              <td className="end" data-label={t.quantity}>
                {format.quantity(line.quantity)}
              </td>
              <td className="end" data-label={t.unitPrice}>
                {format.price(line.unitPrice)}
              </td>
              <td className="end" data-label={t.discountShort}>
                {line.discount === "0" ? "—" : format.price(line.discount)}
              </td>
              <td className="end" data-label={t.itbms}>
                {t.rates[line.itbmsRate]}
              </td>
              <td className="end" data-label={t.net}>
                {format.amount(line.net)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="document-end">
        <div className="document-notes">
          {invoice.notes && (
            <section aria-labelledby="notes">
              <h2 id="notes" className="document-label">
                {t.notes}
              </h2>
              <p className="multiline">{invoice.notes}</p>
            </section>
          )}
          {issuer.terms && <p className="muted small multiline">{issuer.terms}</p>}
          <p className="muted small">{t.notFiscal}</p>
        </div>
        <Totals sums={invoice} currency={invoice.currency} />
      </div>
    </article>
  );
}

type Contact = { email: string | null; phone: string | null; mobile: string | null };

function toContact({ email, phone, mobile }: Contact): string {
  const parts = [email, phone && formatPhone(phone), mobile && formatPhone(mobile)];
  return parts.filter(Boolean).join(" · ");
}
