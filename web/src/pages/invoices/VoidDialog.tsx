import { type FormEvent, useRef, useState } from "react";
import { useMutation } from "urql";
import { Link } from "wouter";
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
import { notes as noteWords } from "@/i18n/notes";
import { VOID_INVOICE } from "./documents";
import { VOID_NOTE } from "./noteDocuments";
import { timeLeft } from "./fiscalTime";
import { numberOf, type SalesDocument, standingNotes, withWarnings } from "./form";

const NO_REFUSALS: Refusals = [];

/** How long the reason is as it goes to the DGI, in one line. */
function countInOneLine(reason: string): number {
  return Array.from(reason.trim().replace(/\s+/g, " ")).length;
}

/** Asks why an invoice or a note is voided. The reason for voiding one that the DGI has goes to the DGI. */
export function VoidDialog({ document, onClose }: { document: SalesDocument; onClose: () => void }) {
  const t = useMessages(invoices);
  const fiscal = useMessages(fiscalWords);
  const notes = useMessages(noteWords);
  const words = useMessages(common);
  const toast = useToast();
  const errorText = useErrorText();
  const form = useRef<HTMLFormElement>(null);
  const [reason, setReason] = useState("");
  const [now] = useState(() => new Date());
  const isInvoice = document.__typename === "Invoice";
  const [ofInvoice, voidInvoice] = useMutation(VOID_INVOICE);
  const [ofNote, voidNote] = useMutation(VOID_NOTE);
  const { fetching, error } = isInvoice ? ofInvoice : ofNote;
  const refusals =
    (isInvoice ? ofInvoice.data?.voidInvoice : ofNote.data?.voidNote)?.userErrors ?? NO_REFUSALS;
  const name = t.documentNames[document.documentType];
  useFocusOnRefusal(form, refusals);
  const { status, voidableUntil } = document.fiscal;
  const isLate = status === "AUTHORIZED" && voidableUntil && timeLeft(voidableUntil, now).unit === "over";

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (fetching) return;
    const variables = { id: document.id, reason, version: document.version };
    const payload = isInvoice
      ? (await voidInvoice(variables)).data?.voidInvoice
      : // What the note took of the invoice may be credited again.
        (await voidNote(variables, { additionalTypenames: ["Invoice"] })).data?.voidNote;
    const voided = payload && ("invoice" in payload ? payload.invoice : payload.note);
    if (!voided) return;
    if (voided.fiscal.status === "VOIDING") toast(withWarnings(fiscal.voidAsked, payload.warnings));
    onClose();
  }

  const standing = document.__typename === "Invoice" ? standingNotes(document) : [];
  if (standing.length > 0) {
    return (
      <Dialog title={t.voidTitle(name)} onClose={onClose}>
        <div className="dialog-form">
          <p>{notes.voidFirst}</p>
          <ul className="bulleted">
            {standing.map((note) => (
              <li key={note.id}>
                <Link href={`/facturas/${note.id}`}>
                  {t.documentNames[note.documentType]} {numberOf(note)}
                </Link>
              </li>
            ))}
          </ul>
          <div className="actions">
            <Button onClick={onClose}>{words.close}</Button>
          </div>
        </div>
      </Dialog>
    );
  }

  const general = messageAt(refusals, "id") ?? messageAt(refusals, "version") ?? (error && errorText(error));
  return (
    <Dialog title={t.voidTitle(name)} onClose={onClose}>
      <form ref={form} noValidate onSubmit={submit} className="dialog-form">
        <p>{toText()}</p>
        {isLate && (
          <Notice kind="warning">
            {fiscal.voidLate} {isInvoice && fiscal.creditInstead}
          </Notice>
        )}
        {general && (
          <Notice kind="danger" role="alert">
            {general}
          </Notice>
        )}
        <TextAreaField
          label={t.voidReason}
          required
          hint={document.electronic ? fiscal.reasonHint(countInOneLine(reason)) : undefined}
          value={reason}
          onChange={setReason}
          error={messageAt(refusals, "reason")}
        />
        <div className="actions">
          <Button type="submit" kind="danger" busy={fetching}>
            {t.voidConfirm(name)}
          </Button>
          <Button onClick={onClose}>{words.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );

  function toText(): string {
    if (status === "AUTHORIZED") return fiscal.voidText(name);
    return status === "NONE" ? t.voidText(name) : fiscal.withdrawText;
  }
}
