import { Link } from "wouter";
import { useMessages } from "@/i18n";
import { useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";
import { notes as noteWords } from "@/i18n/notes";
import { FiscalBadge } from "./FiscalBadge";
import { type Invoice, numberOf } from "./form";
import { StatusBadge } from "./StatusBadge";

/** The notes that refer to an invoice, and what can still be credited; nothing if it has none. */
export function Notes({ invoice }: { invoice: Invoice }) {
  const t = useMessages(noteWords);
  const { documentNames } = useMessages(invoices);
  const format = useFormats();
  const notes = [...invoice.creditNotes, ...invoice.debitNotes];
  if (notes.length === 0) return null;
  return (
    <section className="card small" aria-labelledby="notes-of-invoice">
      <h2 id="notes-of-invoice">{t.onInvoice}</h2>
      <ul className="side-list">
        {notes.map((note) => (
          <li key={note.id}>
            <p className="delivery">
              <Link href={`/facturas/${note.id}`} className="numeric">
                {documentNames[note.documentType]} {numberOf(note)}
              </Link>
              {note.fiscal.status === "NONE" ? (
                <StatusBadge status={note.status} overdue={false} />
              ) : (
                <FiscalBadge fiscal={note.fiscal} />
              )}
            </p>
            <p className="muted numeric">
              {note.issueDate && format.date(note.issueDate)} ·{" "}
              <span className={note.status === "VOID" ? "void-total" : undefined}>
                {format.money(note.total, note.currency)}
              </span>
            </p>
          </li>
        ))}
      </ul>
      {invoice.status === "ISSUED" && (
        <p>
          {t.left}:{" "}
          <strong className="numeric">{format.money(invoice.creditableTotal, invoice.currency)}</strong>
        </p>
      )}
    </section>
  );
}
