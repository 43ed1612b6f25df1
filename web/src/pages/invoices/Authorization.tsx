import { useState } from "react";
import { Button } from "@/components/Button";
import { Notice } from "@/components/states";
import { useMessages } from "@/i18n";
import { fiscal as fiscalWords } from "@/i18n/fiscal";
import { useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";
import { Faults } from "./FiscalStory";
import { timeLeft } from "./fiscalTime";
import type { SalesDocument } from "./form";
import { QrCode } from "./QrCode";

/** What the DGI's authorisation consists of: CUFE, protocol, QR code, files, and until when it can be voided. */
export function Authorization({ document }: { document: SalesDocument }) {
  const t = useMessages(fiscalWords);
  const { documentNames } = useMessages(invoices);
  const format = useFormats();
  const { fiscal } = document;
  const { status, cufe, protocol, authorizedAt, qr, consultationUrl, environment } = fiscal;
  const notices = fiscal.faults.filter(({ notice }) => notice);
  if (!cufe) return null;
  const name = documentNames[document.documentType];
  return (
    <section className="card small" aria-labelledby="authorization">
      <h2 id="authorization">{t.title(name)}</h2>
      {environment === "TEST" && <Notice kind="warning">{t.testText}</Notice>}
      {qr && <QrCode text={qr} label={t.qr(name)} />}
      {consultationUrl && (
        <p>
          <a href={consultationUrl} target="_blank" rel="noopener noreferrer">
            {t.consult}
          </a>
        </p>
      )}
      <dl className="pairs">
        <div>
          <dt>{t.cufe}</dt>
          <dd className="numeric cufe">{cufe}</dd>
        </div>
        {protocol && (
          <div>
            <dt>{t.protocol}</dt>
            <dd className="numeric">{protocol}</dd>
          </div>
        )}
        {authorizedAt && (
          <div>
            <dt>{t.authorizedAt}</dt>
            <dd>{format.moment(authorizedAt)}</dd>
          </div>
        )}
      </dl>
      <CopyCufe cufe={cufe} />
      {notices.length > 0 && (
        <>
          <h3>{t.notices}</h3>
          <Faults title={t.notices} faults={notices} />
        </>
      )}
      {status === "AUTHORIZED" && (
        <VoidWindow until={fiscal.voidableUntil} isInvoice={document.__typename === "Invoice"} />
      )}
      {(fiscal.xmlAvailable || fiscal.pdfAvailable) && (
        <p className="file-links">
          {fiscal.xmlAvailable && <a href={`/documents/${document.id}.xml`}>{t.xml}</a>}
          {fiscal.pdfAvailable && (
            <a href={`/documents/${document.id}.pdf?source=pac`} target="_blank" rel="noopener">
              {t.pacPdf}
            </a>
          )}
        </p>
      )}
    </section>
  );
}

function CopyCufe({ cufe }: { cufe: string }) {
  const t = useMessages(fiscalWords);
  const [message, setMessage] = useState<string>();

  async function copy() {
    try {
      await navigator.clipboard.writeText(cufe);
      setMessage(t.copied);
    } catch {
      setMessage(t.copyFailed);
    }
  }

  return (
    <p className="copy-cufe">
      <Button onClick={copy}>{t.copyCufe}</Button>{" "}
      <span className="muted" role="status">
        {message}
      </span>
    </p>
  );
}

/** How long it can still be voided. */
function VoidWindow({ until, isInvoice }: { until: string | null; isInvoice: boolean }) {
  const t = useMessages(fiscalWords);
  const format = useFormats();
  const [now] = useState(() => new Date());
  if (!until) return null;
  const left = timeLeft(until, now);
  if (left.unit === "over") {
    return (
      <p className="muted">
        {t.voidLate} {isInvoice && t.creditInstead}
      </p>
    );
  }
  const words = { days: t.daysLeft, hours: t.hoursLeft, less: () => t.lastHour };
  return (
    <p className="muted">
      {t.voidable(format.moment(until), words[left.unit]("count" in left ? left.count : 0))}
    </p>
  );
}
