import type { CombinedError } from "@urql/core";
import { type FormEvent, useRef, useState } from "react";
import { useClient, useMutation } from "urql";
import { Button } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import { FailureNotice } from "@/components/FailureNotice";
import { TextAreaField, TextField } from "@/components/Field";
import { type Mail, MailPreview } from "@/components/MailPreview";
import { RefusalsNotice } from "@/components/RefusalsNotice";
import { useToast } from "@/components/Toast";
import { messageAt, type Refusal, type Refusals, useFocusOnRefusal } from "@/graphql/errors";
import { PREVIEW_MAIL } from "@/graphql/previewMail";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { invoices } from "@/i18n/invoices";
import { randomKey } from "@/randomKey";
import { SEND_DOCUMENT } from "./sendingDocuments";
import type { SalesDocument } from "./form";

/** Sends an issued document by mail, to the customer or to anybody else. */
export function SendDialog({
  document,
  onSent,
  onClose,
}: {
  document: SalesDocument;
  onSent: () => void;
  onClose: () => void;
}) {
  const t = useMessages(invoices);
  const words = useMessages(common);
  const toast = useToast();
  const client = useClient();
  const form = useRef<HTMLFormElement>(null);
  const [to, setTo] = useState(document.customer.email ?? document.receiver?.email ?? "");
  const [message, setMessage] = useState("");
  const [preview, setPreview] = useState<{ message: string; mail: Mail }>();
  // What is shown is what will be sent.
  const mail = preview?.message === message ? preview.mail : undefined;
  const [{ fetching, error: sendError }, send] = useMutation(SEND_DOCUMENT);
  const [previewError, setPreviewError] = useState<CombinedError>();
  const [refusals, setRefusals] = useState<Refusals>([]);
  useFocusOnRefusal(form, refusals);
  // A repeated request sends nothing twice. Other contents are another request.
  const request = useRef({ contents: "", idempotencyKey: "" });

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (fetching) return;
    setPreviewError(undefined);
    const contents = {
      id: document.id,
      to: to.split(/[\s,;]+/).filter(Boolean),
      message: message.trim() || null,
    };
    const text = JSON.stringify(contents);
    if (request.current.contents !== text) request.current = { contents: text, idempotencyKey: randomKey() };
    const { data } = await send({ ...contents, idempotencyKey: request.current.idempotencyKey });
    if (!data) return;
    setRefusals(data.sendDocument.userErrors.map((each) => toField(each, contents.to)));
    if (!data.sendDocument.document) return;
    toast(t.sentToast(t.documentNames[document.documentType]));
    onSent();
    onClose();
  }

  async function look() {
    const { data, error } = await client.query(
      PREVIEW_MAIL,
      { id: document.id, message: message.trim() || null },
      { requestPolicy: "network-only" },
    );
    setPreviewError(error);
    if (!data) return;
    setRefusals(data.previewMail.userErrors.map((each) => toField(each, [])));
    setPreview(data.previewMail.text === null ? undefined : { message, mail: data.previewMail });
  }

  return (
    <Dialog
      title={t.sendTitle(t.documentNames[document.documentType])}
      wide={mail !== undefined}
      onClose={onClose}
    >
      <form ref={form} noValidate className="dialog-form" onSubmit={submit}>
        <TextField
          label={t.sendTo}
          hint={t.sendToHint}
          required
          inputMode="email"
          autoComplete="off"
          value={to}
          onChange={setTo}
          error={messageAt(refusals, "to")}
        />
        <TextAreaField
          label={t.sendMessage}
          value={message}
          onChange={setMessage}
          error={messageAt(refusals, "message")}
        />
        {mail && <MailPreview mail={mail} />}
        <RefusalsNotice refusals={refusals} />
        <FailureNotice error={sendError ?? previewError} />
        <div className="actions">
          <Button type="submit" kind="primary" busy={fetching}>
            {fetching ? t.sending : t.send}
          </Button>
          <Button onClick={look}>{words.previewMail}</Button>
          <Button onClick={onClose}>{words.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** An address at fault is named at the field of all; what is wrong with the document belongs to no field. */
function toField(refusal: Refusal, addresses: readonly string[]): Refusal {
  const [argument, index] = refusal.path;
  if (argument === "message") return refusal;
  if (argument !== "to") return { ...refusal, path: [] };
  const address = index === undefined ? "" : `${addresses[Number(index)] ?? ""}: `;
  return { ...refusal, path: ["to"], message: `${address}${refusal.message}` };
}
