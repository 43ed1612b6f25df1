import { useMessages } from "@/i18n";
import { useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";
import type { SalesDocument } from "./form";

/** What was done with the document, when and with which key. */
export function History({ document }: { document: SalesDocument }) {
  const t = useMessages(invoices);
  const format = useFormats();
  return (
    <section className="card small" aria-labelledby="history">
      <h2 id="history">{t.history}</h2>
      <ol className="side-list">
        {document.history.map((entry) => (
          <li key={entry.id}>
            <p>
              <strong>{t.historyKinds[entry.kind]}</strong>
              {entry.sentTo && <span className="broken-anywhere"> {entry.sentTo.join(", ")}</span>}
            </p>
            <p className="muted">
              {[format.moment(entry.occurredAt), entry.keyName].filter(Boolean).join(" · ")}
            </p>
          </li>
        ))}
        {document.status === "DRAFT" && (
          <li>
            <p>
              <strong>{t.changed}</strong>
            </p>
            <p className="muted">{format.moment(document.updatedAt)}</p>
          </li>
        )}
      </ol>
    </section>
  );
}
