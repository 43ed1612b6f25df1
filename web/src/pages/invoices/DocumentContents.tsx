import { Link } from "wouter";
import { useMessages } from "@/i18n";
import { fiscal as fiscalWords } from "@/i18n/fiscal";
import { formatPhone, useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";
import { notes as noteWords } from "@/i18n/notes";
import { paymentMethods } from "@/i18n/payment";
import { useCountryName } from "@/pages/customers/form/countries";
import { type Account, numberOf, type SalesDocument, USUAL_UNIT } from "./form";
import { Totals } from "./Totals";

/** What an invoice or a note says, as on its paper. */
export function DocumentContents({ document, account }: { document: SalesDocument; account: Account }) {
  const t = useMessages(invoices);
  const format = useFormats();
  const issuer = document.issuer ?? account;
  const receiver = document.receiver ?? document.customer;
  const methods = useMessages(paymentMethods);
  const fiscal = useMessages(fiscalWords);
  const point = account.billingPoints.find(
    ({ branch, code }) => branch === document.branch && code === document.billingPoint,
  );
  const branch = account.branches.find(({ code }) => code === document.branch);
  const notes = useMessages(noteWords);
  const countryName = useCountryName();
  const invoice = document.__typename === "Invoice" ? document : undefined;
  const note = document.__typename === "Invoice" ? undefined : document;
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
            <dd className="numeric">{document.number ?? t.draft}</dd>
          </div>
          {account.branches.length > 1 && (
            <div>
              <dt>{t.branch}</dt>
              <dd>{[document.branch, branch?.name].filter(Boolean).join(" · ")}</dd>
            </div>
          )}
          <div>
            <dt>{t.billingPoint}</dt>
            <dd>{[document.billingPoint, point?.name].filter(Boolean).join(" · ")}</dd>
          </div>
          <div>
            <dt>{t.issueDate}</dt>
            <dd>{document.issueDate ? format.date(document.issueDate) : t.whenIssued}</dd>
          </div>
          {note && (
            <div>
              <dt>{notes.ofInvoice}</dt>
              <dd>
                <Link href={`/facturas/${note.invoice.id}`} className="numeric">
                  {numberOf(note.invoice)}
                </Link>{" "}
                {note.invoice.issueDate && notes.ofDay(format.date(note.invoice.issueDate))}
              </dd>
            </div>
          )}
          {invoice?.dueDate && (
            <div>
              <dt>{t.dueDate}</dt>
              <dd>{format.date(invoice.dueDate)}</dd>
            </div>
          )}
          {invoice?.export && (
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
          {invoice?.purchaseOrder && (
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
          <Link href={`/clientes/${document.customer.id}`} className="document-receiver">
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
          {document.lines.map((line) => (
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
          {note && (
            <section aria-labelledby="reason">
              <h2 id="reason" className="document-label">
                {notes.reason}
              </h2>
              <p className="multiline">{note.reason}</p>
            </section>
          )}
          {document.notes && (
            <section aria-labelledby="notes">
              <h2 id="notes" className="document-label">
                {t.notes}
              </h2>
              <p className="multiline">{document.notes}</p>
            </section>
          )}
          {invoice && invoice.paymentForms.length + invoice.instalments.length > 0 && (
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
          {invoice?.withholding && (
            <p>
              {t.withholding} ({withholdingName(invoice.withholding.code)}):{" "}
              {format.amount(invoice.withholding.amount)}
            </p>
          )}
          {invoice && issuer.terms && <p className="muted small multiline">{issuer.terms}</p>}
          {remark && <p className="muted small">{remark}</p>}
        </div>
        <Totals sums={document} currency={document.currency} />
      </div>
    </article>
  );

  function withholdingName(code: string): string {
    return t.withholdings.find(([each]) => each === code)?.[1] ?? code;
  }

  /** What the document is not; nothing for one that the DGI authorised. */
  function toRemark(): string | undefined {
    const { cufe, environment } = document.fiscal;
    if (!document.electronic) return invoice ? t.notFiscal : notes.notFiscal;
    if (!cufe) return document.fiscal.status === "WITHDRAWN" ? fiscal.withdrawn : fiscal.notFiscal;
    return environment === "TEST" ? fiscal.testText : undefined;
  }
}

type Contact = { email: string | null; phone: string | null; mobile: string | null };

function toContact({ email, phone, mobile }: Contact): string {
  const parts = [email, phone && formatPhone(phone), mobile && formatPhone(mobile)];
  return parts.filter(Boolean).join(" · ");
}
