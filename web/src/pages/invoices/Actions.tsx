import { type FormEvent, type ReactNode, useRef, useState } from "react";
import { useMutation } from "urql";
import { Link, useLocation } from "wouter";
import { Button, ButtonLink } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import { TextAreaField } from "@/components/Field";
import { Notice } from "@/components/states";
import { useToast } from "@/components/Toast";
import { messageAt, type Refusals, useErrorText, useFocusOnRefusal } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { invoices } from "@/i18n/invoices";
import { useMay } from "@/layout/viewer";
import { DELETE_DRAFT, ISSUE_INVOICE, VOID_INVOICE } from "./documents";
import type { Invoice } from "./form";

const NO_REFUSALS: Refusals = [];

/** What can be done with an invoice: what changes it asks first. */
export function Actions({ invoice, onDeleted }: { invoice: Invoice; onDeleted: () => void }) {
  const t = useMessages(invoices);
  const mayWrite = useMay("WRITE");
  const [asked, setAsked] = useState<"issue" | "void" | "delete">();
  const close = () => setAsked(undefined);
  return (
    <div className="actions">
      {invoice.status === "DRAFT" && mayWrite && (
        <>
          <Button kind="primary" onClick={() => setAsked("issue")}>
            {t.issue}
          </Button>
          <ButtonLink href={`/facturas/${invoice.id}/editar`}>{t.edit}</ButtonLink>
        </>
      )}
      <a
        className="button button-secondary"
        href={`/invoices/${invoice.id}.pdf`}
        target="_blank"
        rel="noopener"
      >
        {t.pdf}
      </a>
      <Button onClick={() => window.print()}>{t.print}</Button>
      {invoice.status === "DRAFT" && mayWrite && (
        <Button kind="danger" onClick={() => setAsked("delete")}>
          {t.deleteDraft}
        </Button>
      )}
      {invoice.status === "ISSUED" && mayWrite && (
        <Button kind="danger" onClick={() => setAsked("void")}>
          {t.void}
        </Button>
      )}
      {asked === "issue" && <IssueDialog invoice={invoice} onClose={close} />}
      {asked === "void" && <VoidDialog invoice={invoice} onClose={close} />}
      {asked === "delete" && <DeleteDialog invoice={invoice} onClose={close} onDeleted={onDeleted} />}
    </div>
  );
}

type DialogProps = { invoice: Invoice; onClose: () => void };

function IssueDialog({ invoice, onClose }: DialogProps) {
  const t = useMessages(invoices);
  const toast = useToast();
  const errorText = useErrorText();
  const [{ fetching, data, error }, issue] = useMutation(ISSUE_INVOICE);
  const refusals = data?.issueInvoice.userErrors ?? NO_REFUSALS;

  async function confirm() {
    const { data } = await issue({ id: invoice.id });
    const issued = data?.issueInvoice.invoice;
    if (!issued) return;
    toast(t.issuedNow(issued.number ?? ""));
    onClose();
  }

  return (
    <Dialog title={t.issueTitle} onClose={onClose}>
      <p>{t.issueText}</p>
      {error && (
        <Notice kind="danger" role="alert">
          {errorText(error)}
        </Notice>
      )}
      {refusals.length > 0 && (
        <Notice kind="danger" role="alert">
          <ul>
            {refusals.map((refusal) => (
              <li key={refusal.message}>{refusal.message}</li>
            ))}
          </ul>
          {refusals.some(({ relatedId }) => relatedId) && (
            <Link href={`/clientes/${invoice.customer.id}`}>{t.completeCustomer}</Link>
          )}
        </Notice>
      )}
      <Confirm
        label={fetching ? t.issuing : t.issue}
        kind="primary"
        busy={fetching}
        onConfirm={confirm}
        onClose={onClose}
      />
    </Dialog>
  );
}

function VoidDialog({ invoice, onClose }: DialogProps) {
  const t = useMessages(invoices);
  const errorText = useErrorText();
  const form = useRef<HTMLFormElement>(null);
  const [reason, setReason] = useState("");
  const [{ fetching, data, error }, voidInvoice] = useMutation(VOID_INVOICE);
  const refusals = data?.voidInvoice.userErrors ?? NO_REFUSALS;
  useFocusOnRefusal(form, refusals);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const { data } = await voidInvoice({ id: invoice.id, reason });
    if (data?.voidInvoice.invoice) onClose();
  }

  const general = messageAt(refusals, "id") ?? (error && errorText(error));
  return (
    <Dialog title={t.voidTitle} onClose={onClose}>
      <form ref={form} noValidate onSubmit={submit} className="dialog-form">
        <p>{t.voidText}</p>
        {general && (
          <Notice kind="danger" role="alert">
            {general}
          </Notice>
        )}
        <TextAreaField
          label={t.voidReason}
          required
          value={reason}
          onChange={setReason}
          error={messageAt(refusals, "reason")}
        />
        <Confirm label={t.voidConfirm} kind="danger" busy={fetching} onClose={onClose} />
      </form>
    </Dialog>
  );
}

function DeleteDialog({ invoice, onClose, onDeleted }: DialogProps & { onDeleted: () => void }) {
  const t = useMessages(invoices);
  const errorText = useErrorText();
  const [, navigate] = useLocation();
  const [{ fetching, data, error }, deleteDraft] = useMutation(DELETE_DRAFT);
  const problem = data?.deleteDraft.userErrors[0]?.message ?? (error && errorText(error));

  async function confirm() {
    // The answer has no Invoice in it, by which lists would know that they have changed.
    const { data } = await deleteDraft({ id: invoice.id }, { additionalTypenames: ["Invoice"] });
    if (!data?.deleteDraft.deletedId) return;
    onDeleted();
    navigate("/facturas", { replace: true });
  }

  return (
    <Dialog title={t.deleteTitle} onClose={onClose}>
      <p>{t.deleteText}</p>
      {problem && (
        <Notice kind="danger" role="alert">
          {problem}
        </Notice>
      )}
      <Confirm label={t.deleteDraft} kind="danger" busy={fetching} onConfirm={confirm} onClose={onClose} />
    </Dialog>
  );
}

/** The buttons at a dialog's end; without `onConfirm` the first one sends the form. */
function Confirm({
  label,
  kind,
  busy,
  onConfirm,
  onClose,
}: {
  label: ReactNode;
  kind: "primary" | "danger";
  busy: boolean;
  onConfirm?: () => void;
  onClose: () => void;
}) {
  const t = useMessages(common);
  return (
    <div className="actions">
      <Button type={onConfirm ? "button" : "submit"} kind={kind} busy={busy} onClick={onConfirm}>
        {label}
      </Button>
      <Button onClick={onClose}>{t.cancel}</Button>
    </div>
  );
}
