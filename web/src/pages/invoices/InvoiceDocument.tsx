import { Link } from "wouter";
import { useMessages } from "@/i18n";
import { fiscal as fiscalWords } from "@/i18n/fiscal";
import { formatPhone, useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";
import { paymentMethods } from "@/i18n/payment";
import { useCountryName } from "@/pages/customers/form/countries";
import { type Account, type Invoice, USUAL_UNIT } from "./form";
import { Totals } from "./Totals";

/** The invoice as a document, to read and to print. */
export function InvoiceDocument({ invoice, account }: { invoice: Invoice; account: Account }) {
  const t = useMessages(invoices);
  const format = useFormats();
  const issuer = invoice.issuer ?? account;
  const receiver = invoice.receiver ?? invoice.customer;
  const methods = useMessages(paymentMethods);
  const fiscal = useMessages(fiscalWords);
  const point = account.billingPoints.find(
    ({ branch, code }) => branch === invoice.branch && code === invoice.billingPoint,
  );
  const branch = account.branches.find(({ code }) => code === invoice.branch);
  const countryName = useCountryName();
  const remark = toRemark();
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
          {account.branches.length > 1 && (
            <div>
              <dt>{t.branch}</dt>
              <dd>{[invoice.branch, branch?.name].filter(Boolean).join(" · ")}</dd>
            </div>
          )}
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
          {invoice.export && (
            <div>
              <dt>{t.export}</dt>
              <dd>
                {[
                  invoice.export.incoterm,
                  invoice.export.country && countryName(invoice.export.country),
                  invoice.export.port,
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </dd>
            </div>
          )}
          {invoice.purchaseOrder && (
            <div>
              <dt>{t.purchaseOrder}</dt>
              <dd>{invoice.purchaseOrder}</dd>
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
              <td>
                <span className="multiline">{line.description}</span>
                {(line.code || line.cpbs) && (
                  <span className="line-codes muted small">
                    {[line.code, line.cpbs && `${t.cpbs} ${line.cpbs}`].filter(Boolean).join(" · ")}
                  </span>
                )}
              </td>
              <td className="end" data-label={t.quantity}>
                {format.quantity(line.quantity)}
                {line.unit !== USUAL_UNIT && ` ${line.unit}`}
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
          {invoice.paymentForms.length + invoice.instalments.length > 0 && (
            <section aria-labelledby="payment">
              <h2 id="payment" className="document-label">
                {t.payment}
              </h2>
              <ul className="payment-list">
                {invoice.paymentForms.map(({ method, amount, description }, index) => (
                  <li key={index}>
                    {description ?? methods[method]}: {amount ? format.amount(amount) : t.theRest}
                  </li>
                ))}
                {invoice.instalments.map(({ dueDate, amount }, index) => (
                  <li key={index}>{t.instalmentOf(format.date(dueDate), format.amount(amount))}</li>
                ))}
              </ul>
            </section>
          )}
          {invoice.withholding && (
            <p>
              {t.withholding} ({withholdingName(invoice.withholding.code)}):{" "}
              {format.amount(invoice.withholding.amount)}
            </p>
          )}
          {issuer.terms && <p className="muted small multiline">{issuer.terms}</p>}
          {remark && <p className="muted small">{remark}</p>}
        </div>
        <Totals sums={invoice} currency={invoice.currency} />
      </div>
    </article>
  );

  function withholdingName(code: string): string {
    return t.withholdings.find(([each]) => each === code)?.[1] ?? code;
  }

  /** What the document is not; nothing for one that the DGI authorised. */
  function toRemark(): string | undefined {
    const { cufe, environment } = invoice.fiscal;
    if (!invoice.electronic) return t.notFiscal;
    if (!cufe) return invoice.fiscal.status === "WITHDRAWN" ? fiscal.withdrawn : fiscal.notFiscal;
    return environment === "TEST" ? fiscal.testText : undefined;
  }
}

type Contact = { email: string | null; phone: string | null; mobile: string | null };

function toContact({ email, phone, mobile }: Contact): string {
  const parts = [email, phone && formatPhone(phone), mobile && formatPhone(mobile)];
  return parts.filter(Boolean).join(" · ");
}
