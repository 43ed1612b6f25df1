import { useState } from "react";
import { useMutation } from "urql";
import { Link, useLocation } from "wouter";
import { Button, ButtonLink } from "@/components/Button";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { CheckboxField } from "@/components/Field";
import { useKeptFocus } from "@/components/focus";
import { useToast } from "@/components/Toast";
import { useErrorText } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { fiscal as fiscalWords } from "@/i18n/fiscal";
import { useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";
import { notes as noteWords } from "@/i18n/notes";
import { papers } from "@/i18n/papers";
import { useMay, useViewer } from "@/layout/viewer";
import { DELETE_DRAFT, ISSUE_INVOICE } from "./documents";
import { type Invoice, type SalesDocument, withoutFieldName, withWarnings } from "./form";
import { SendDialog } from "./SendDialog";
import { useIssuedToast } from "./useIssuedToast";
import { VoidDialog } from "./VoidDialog";

export function pdfAddress(id: string): string {
  return `/documents/${id}.pdf`;
}

/** The buttons of a document. Those that change it ask for confirmation. */
export function Actions({
  document,
  onChange,
  onDeleted,
}: {
  document: SalesDocument;
  onChange: () => void;
  onDeleted: () => void;
}) {
  const t = useMessages(invoices);
  const mayWrite = useMay("WRITE");
  const [dialog, setDialog] = useState<"issue" | "send" | "void" | "delete">();
  const notes = useMessages(noteWords);
  const { strip } = useMessages(papers);
  const invoice = document.__typename === "Invoice" ? document : undefined;
  const close = () => setDialog(undefined);
  useKeptFocus(`${document.status} ${document.fiscal.status}`);
  return (
    <div className="actions">
      {isSendable(document) && mayWrite && (
        <Button kind="primary" onClick={() => setDialog("send")}>
          {t.sendByMail}
        </Button>
      )}
      {document.status === "DRAFT" && mayWrite && (
        <>
          <Button kind="primary" onClick={() => setDialog("issue")}>
            {t.issue}
          </Button>
          <ButtonLink href={`/facturas/${document.id}/editar`}>{t.edit}</ButtonLink>
        </>
      )}
      <a className="button button-secondary" href={pdfAddress(document.id)} target="_blank" rel="noopener">
        {t.pdf}
      </a>
      <a
        className="button button-secondary"
        href={`${pdfAddress(document.id)}?format=strip`}
        target="_blank"
        rel="noopener"
      >
        {strip}
      </a>
      {invoice && mayWrite && (
        <ButtonLink href={`/facturas/nueva?copia=${invoice.id}`}>{t.duplicate}</ButtonLink>
      )}
      {invoice && mayHaveNotes(invoice) && mayWrite && (
        <>
          {invoice.creditableTotal !== "0.00" && (
            <ButtonLink href={`/facturas/${invoice.id}/nota-de-credito`}>{notes.names.credit}</ButtonLink>
          )}
          <ButtonLink href={`/facturas/${invoice.id}/nota-de-debito`}>{notes.names.debit}</ButtonLink>
        </>
      )}
      {document.status === "DRAFT" && mayWrite && (
        <Button kind="danger" onClick={() => setDialog("delete")}>
          {t.deleteDraft}
        </Button>
      )}
      {isVoidable(document) && mayWrite && (
        <Button kind="danger" onClick={() => setDialog("void")}>
          {t.void}
        </Button>
      )}
      {dialog === "issue" && invoice && <IssueDialog invoice={invoice} onClose={close} />}
      {dialog === "send" && <SendDialog document={document} onSent={onChange} onClose={close} />}
      {dialog === "void" && <VoidDialog document={document} onClose={close} />}
      {dialog === "delete" && invoice && (
        <DeleteDialog invoice={invoice} onClose={close} onDeleted={onDeleted} />
      )}
    </div>
  );
}

/** An electronic document goes to the customer once the DGI has it. */
function isSendable({ status, fiscal }: SalesDocument): boolean {
  return status === "ISSUED" && ["NONE", "AUTHORIZED", "VOIDING"].includes(fiscal.status);
}

/** While it is on its way, nobody knows whether there is something to void. */
function isVoidable({ status, fiscal }: SalesDocument): boolean {
  if (status !== "ISSUED") return false;
  if (fiscal.status === "QUEUED") return fiscal.attempts === 0;
  return ["NONE", "AUTHORIZED", "REJECTED", "BLOCKED"].includes(fiscal.status);
}

/** Notes refer to an invoice that is valid: an electronic one when the DGI has authorised it. */
export function mayHaveNotes({ status, fiscal }: Invoice): boolean {
  return status === "ISSUED" && ["NONE", "AUTHORIZED"].includes(fiscal.status);
}

type DialogProps = { invoice: Invoice; onClose: () => void };

function IssueDialog({ invoice, onClose }: DialogProps) {
  const t = useMessages(invoices);
  const toast = useToast();
  const format = useFormats();
  const errorText = useErrorText();
  const [, issue] = useMutation(ISSUE_INVOICE);
  const [notify, setNotify] = useState(true);
  const fiscal = useMessages(fiscalWords);
  const { electronicInvoicing } = useViewer().account;
  const issuedToast = useIssuedToast();
  const issueText = electronicInvoicing ? fiscal.electronicIssueText : t.issueText;

  async function confirm() {
    const { data, error } = await issue({ id: invoice.id, version: invoice.version, notify });
    const issued = data?.issueInvoice.invoice;
    if (issued) {
      toast(withWarnings(issuedToast(issued.number ?? ""), data.issueInvoice.warnings));
      return undefined;
    }
    if (error) return errorText(error);
    const refusals = data?.issueInvoice.userErrors ?? [];
    return (
      <>
        {refusals.map(({ message }) => (
          <p key={message}>{withoutFieldName(message)}</p>
        ))}
        {refusals.some(({ relatedId }) => relatedId) && (
          <Link href={`/clientes/${invoice.customer.id}/editar`}>{t.completeCustomer}</Link>
        )}
      </>
    );
  }

  return (
    <ConfirmDialog
      title={t.issueTitle}
      text={issueText(format.money(invoice.total, invoice.currency), notify)}
      label={t.issue}
      kind="primary"
      onConfirm={confirm}
      onClose={onClose}
    >
      <CheckboxField label={t.notify} checked={notify} onChange={setNotify} />
    </ConfirmDialog>
  );
}

function DeleteDialog({ invoice, onClose, onDeleted }: DialogProps & { onDeleted: () => void }) {
  const t = useMessages(invoices);
  const errorText = useErrorText();
  const [, navigate] = useLocation();
  const [, deleteDraft] = useMutation(DELETE_DRAFT);

  async function confirm() {
    // The response contains no Invoice, by whose type urql would know which lists have changed.
    const { data, error } = await deleteDraft({ id: invoice.id }, { additionalTypenames: ["Invoice"] });
    if (!data?.deleteDraft.deletedId)
      return error ? errorText(error) : data?.deleteDraft.userErrors[0]?.message;
    onDeleted();
    navigate("/facturas", { replace: true });
    return undefined;
  }

  return (
    <ConfirmDialog
      title={t.deleteTitle}
      text={t.deleteText}
      label={t.deleteDraft}
      onConfirm={confirm}
      onClose={onClose}
    />
  );
}
