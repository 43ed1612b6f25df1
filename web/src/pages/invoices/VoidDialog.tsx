import { type FormEvent, useRef, useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import { TextAreaField } from "@/components/Field";
import { Notice } from "@/components/states";
import { useToast } from "@/components/Toast";
import { messageAt, type Refusals, useErrorText, useFocusOnRefusal } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { fiscal as fiscalWords } from "@/i18n/fiscal";
import { invoices } from "@/i18n/invoices";
import { VOID_INVOICE } from "./documents";
import { timeLeft } from "./fiscalTime";
import { type Invoice, withWarnings } from "./form";

const NO_REFUSALS: Refusals = [];

/** How long the reason is as it goes to the DGI, in one line. */
function countInOneLine(reason: string): number {
  return Array.from(reason.trim().replace(/\s+/g, " ")).length;
}

/** Asks why an invoice is voided. The reason for voiding one that the DGI has goes to the DGI. */
export function VoidDialog({ invoice, onClose }: { invoice: Invoice; onClose: () => void }) {
  const t = useMessages(invoices);
  const fiscal = useMessages(fiscalWords);
  const words = useMessages(common);
  const toast = useToast();
  const errorText = useErrorText();
  const form = useRef<HTMLFormElement>(null);
  const [reason, setReason] = useState("");
  const [now] = useState(() => new Date());
  const [{ fetching, data, error }, voidInvoice] = useMutation(VOID_INVOICE);
  const refusals = data?.voidInvoice.userErrors ?? NO_REFUSALS;
  useFocusOnRefusal(form, refusals);
  const { status, voidableUntil } = invoice.fiscal;
  const isLate = status === "AUTHORIZED" && voidableUntil && timeLeft(voidableUntil, now).unit === "over";

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (fetching) return;
    const { data } = await voidInvoice({ id: invoice.id, reason, version: invoice.version });
    const voided = data?.voidInvoice.invoice;
    if (!voided) return;
    if (voided.fiscal.status === "VOIDING") {
      toast(withWarnings(fiscal.voidAsked, data.voidInvoice.warnings));
    }
    onClose();
  }

  const general = messageAt(refusals, "id") ?? messageAt(refusals, "version") ?? (error && errorText(error));
  return (
    <Dialog title={t.voidTitle} onClose={onClose}>
      <form ref={form} noValidate onSubmit={submit} className="dialog-form">
        <p>{toText()}</p>
        {isLate && <Notice kind="warning">{fiscal.voidLate}</Notice>}
        {general && (
          <Notice kind="danger" role="alert">
            {general}
          </Notice>
        )}
        <TextAreaField
          label={t.voidReason}
          required
          hint={invoice.electronic ? fiscal.reasonHint(countInOneLine(reason)) : undefined}
          value={reason}
          onChange={setReason}
          error={messageAt(refusals, "reason")}
        />
        <div className="actions">
          <Button type="submit" kind="danger" busy={fetching}>
            {t.voidConfirm}
          </Button>
          <Button onClick={onClose}>{words.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );

  function toText(): string {
    if (status === "AUTHORIZED") return fiscal.voidText;
    return status === "NONE" ? t.voidText : fiscal.withdrawText;
  }
}
