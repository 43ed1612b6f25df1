import "./invoice.css";
import { useEffect, useState } from "react";
import { useQuery } from "urql";
import { ButtonLink } from "@/components/Button";
import { BackLink } from "@/components/list/BackLink";
import { EmptyState, ErrorState, Loading, Notice } from "@/components/states";
import { usePolling } from "@/components/usePolling";
import { useTitle } from "@/components/useTitle";
import type { DocumentType } from "@/graphql";
import { useLive } from "@/graphql/useLive";
import { useMessages } from "@/i18n";
import { fiscal as fiscalWords } from "@/i18n/fiscal";
import { useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";
import { notes as noteWords } from "@/i18n/notes";
import { Actions, pdfAddress } from "./Actions";
import { Authorization } from "./Authorization";
import { Deliveries } from "./Deliveries";
import { isSending } from "./delivery";
import { Drift } from "./Drift";
import { DOCUMENT, DOCUMENT_CHANGED } from "./documents";
import { FiscalBadge } from "./FiscalBadge";
import { FiscalStory, IN_TRANSIT } from "./FiscalStory";
import { LISTS } from "./DocumentTabs";
import { numberOf, type SalesDocument } from "./form";
import { History } from "./History";
import { DocumentContents } from "./DocumentContents";
import { Notes } from "./Notes";
import { References } from "./References";
import { PublicLinks } from "./PublicLinks";
import { StatusBadge } from "./StatusBadge";

/** The page of an invoice or a note. */
export function DocumentPage({ id }: { id: string }) {
  const t = useMessages(invoices);
  const fiscal = useMessages(fiscalWords);
  const notes = useMessages(noteWords);
  const format = useFormats();
  const [{ data, error, fetching }, load] = useQuery({ query: DOCUMENT, variables: { id } });
  const reload = () => load({ requestPolicy: "network-only" });
  const [deleted, setDeleted] = useState(false);
  const [openedAt] = useState(() => new Date());
  useLive(DOCUMENT_CHANGED, { id }, reload);
  // Neither the delivery of an e-mail nor a further attempt to send the invoice is an event, so the page asks again meanwhile.
  const awaitsMail = data?.document?.deliveries.some((delivery) => isSending(delivery, openedAt));
  const isInTransit = data?.document && IN_TRANSIT.includes(data.document.fiscal.status);
  // Files of the authorised invoice come a moment later, without an event, too.
  const awaitsFiles = data?.document?.fiscal.status === "AUTHORIZED" && !data.document.fiscal.xmlAvailable;
  usePolling(awaitsMail === true || isInTransit === true || awaitsFiles, reload);
  usePdfForPrinting(id);

  const document = data?.document;
  const invoice = document?.__typename === "Invoice" ? document : undefined;
  const title = document?.number
    ? `${t.documentNames[document.documentType]} ${numberOf(document)}`
    : t.withoutNumber;
  useTitle(document ? title : t.invoice);

  const toList = (type: DocumentType) => {
    if (type === "CREDIT_NOTE") return { path: LISTS.credit, title: notes.lists.credit.title };
    if (type === "DEBIT_NOTE") return { path: LISTS.debit, title: notes.lists.debit.title };
    return { path: LISTS.invoices, title: t.list.title };
  };

  if (deleted) return null;
  if (!data) return error ? <ErrorState error={error} onRetry={reload} /> : <Loading />;
  if (!document) {
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
      <BackLink {...toList(document.documentType)} />
      <div className="page-header">
        <div className="invoice-title">
          <h1>{title}</h1>
          {document.fiscal.status !== "VOIDED" && (
            <StatusBadge status={document.status} overdue={invoice?.overdue ?? false} />
          )}
          <FiscalBadge fiscal={document.fiscal} />
        </div>
        <Actions document={document} onChange={reload} onDeleted={() => setDeleted(true)} />
      </div>
      {document.status === "VOID" && (
        <Notice kind="danger">
          <p>
            <strong>{t.voided(format.moment(document.voidedAt ?? ""))}</strong> {document.voidReason}
          </p>
          {document.fiscal.status === "WITHDRAWN" && <p>{fiscal.texts.WITHDRAWN}</p>}
        </Notice>
      )}
      <FiscalStory document={document} onChange={reload} />
      <div className="invoice-columns">
        <DocumentContents document={document} account={data.viewer.account} />
        <div className="invoice-side">
          <Authorization document={document} />
          {invoice && <Notes invoice={invoice} />}
          {invoice && invoice.receiverDrift.length > 0 && <Drift invoice={invoice} />}
          {document.status !== "DRAFT" && <Deliveries document={document} onChange={reload} />}
          {isPublishable(document) && <PublicLinks document={document} onChange={reload} />}
          <References document={document} onChange={reload} />
          <History document={document} />
        </div>
      </div>
    </div>
  );
}

/** An electronic document is shown to others once the DGI has it. */
function isPublishable({ status, fiscal }: SalesDocument): boolean {
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
