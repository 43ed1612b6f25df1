import "./invoice.css";
import { useEffect, useState } from "react";
import { useQuery } from "urql";
import { ButtonLink } from "@/components/Button";
import { BackLink } from "@/components/list/BackLink";
import { EmptyState, ErrorState, Loading, Notice } from "@/components/states";
import { usePolling } from "@/components/usePolling";
import { useTitle } from "@/components/useTitle";
import { useLive } from "@/graphql/useLive";
import { useMessages } from "@/i18n";
import { fiscal as fiscalWords } from "@/i18n/fiscal";
import { useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";
import { Actions, pdfAddress } from "./Actions";
import { Authorization } from "./Authorization";
import { Deliveries } from "./Deliveries";
import { isSending } from "./delivery";
import { Drift } from "./Drift";
import { INVOICE, INVOICE_CHANGED } from "./documents";
import { FiscalBadge } from "./FiscalBadge";
import { FiscalStory, IN_TRANSIT } from "./FiscalStory";
import type { Invoice } from "./form";
import { History } from "./History";
import { InvoiceDocument } from "./InvoiceDocument";
import { PublicLinks } from "./PublicLinks";
import { StatusBadge } from "./StatusBadge";

export function InvoicePage({ id }: { id: string }) {
  const t = useMessages(invoices);
  const fiscal = useMessages(fiscalWords);
  const format = useFormats();
  const [{ data, error, fetching }, load] = useQuery({ query: INVOICE, variables: { id } });
  const reload = () => load({ requestPolicy: "network-only" });
  const [deleted, setDeleted] = useState(false);
  const [openedAt] = useState(() => new Date());
  useLive(INVOICE_CHANGED, { id }, reload);
  // Neither the delivery of an e-mail nor a further attempt to send the invoice is an event, so the page asks again meanwhile.
  const awaitsMail = data?.invoice?.deliveries.some((delivery) => isSending(delivery, openedAt));
  const isInTransit = data?.invoice && IN_TRANSIT.includes(data.invoice.fiscal.status);
  // Files of the authorised invoice come a moment later, without an event, too.
  const awaitsFiles = data?.invoice?.fiscal.status === "AUTHORIZED" && !data.invoice.fiscal.xmlAvailable;
  usePolling(awaitsMail === true || isInTransit === true || awaitsFiles, reload);
  usePdfForPrinting(id);

  const invoice = data?.invoice;
  const title = invoice?.number ? `${t.invoice} ${invoice.billingPoint}-${invoice.number}` : t.withoutNumber;
  useTitle(invoice ? title : t.invoice);

  if (deleted) return null;
  if (!data) return error ? <ErrorState error={error} onRetry={reload} /> : <Loading />;
  if (!invoice) {
    if (fetching) return <Loading />;
    return (
      <EmptyState title={t.gone} heading="h1">
        <p>{t.goneHint}</p>
        <ButtonLink href="/facturas">{t.backToList}</ButtonLink>
      </EmptyState>
    );
  }

  return (
    <div className="page invoice">
      <BackLink path="/facturas" title={t.list.title} />
      <div className="page-header">
        <div className="invoice-title">
          <h1>{title}</h1>
          {invoice.fiscal.status !== "VOIDED" && (
            <StatusBadge status={invoice.status} overdue={invoice.overdue} />
          )}
          <FiscalBadge fiscal={invoice.fiscal} />
        </div>
        <Actions invoice={invoice} onChange={reload} onDeleted={() => setDeleted(true)} />
      </div>
      {invoice.status === "VOID" && (
        <Notice kind="danger">
          <p>
            <strong>{t.voided(format.moment(invoice.voidedAt ?? ""))}</strong> {invoice.voidReason}
          </p>
          {invoice.fiscal.status === "WITHDRAWN" && <p>{fiscal.texts.WITHDRAWN}</p>}
        </Notice>
      )}
      <FiscalStory invoice={invoice} onChange={reload} />
      <div className="invoice-columns">
        <InvoiceDocument invoice={invoice} account={data.viewer.account} />
        <div className="invoice-side">
          <Authorization invoice={invoice} />
          {invoice.receiverDrift.length > 0 && <Drift invoice={invoice} />}
          {invoice.status !== "DRAFT" && <Deliveries invoice={invoice} onChange={reload} />}
          {isPublishable(invoice) && <PublicLinks invoice={invoice} onChange={reload} />}
          <History invoice={invoice} />
        </div>
      </div>
    </div>
  );
}

/** An electronic invoice is shown to others once the DGI has it. */
function isPublishable({ status, fiscal }: Invoice): boolean {
  return status !== "DRAFT" && ["NONE", "AUTHORIZED", "VOIDING", "VOIDED"].includes(fiscal.status);
}

/** Printing prints the PDF: Ctrl+P opens it, where the browser prints it as it is. */
function usePdfForPrinting(id: string): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "p" || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
      event.preventDefault();
      window.open(pdfAddress(id), "_blank", "noopener");
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [id]);
}
