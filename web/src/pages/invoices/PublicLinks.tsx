import { useRef, useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/Button";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { Field } from "@/components/Field";
import { Notice } from "@/components/states";
import { useToast } from "@/components/Toast";
import { useErrorText } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";
import { useMay } from "@/layout/viewer";
import { CREATE_DOCUMENT_LINK, REVOKE_DOCUMENT_LINK } from "./sendingDocuments";
import type { SalesDocument } from "./form";

type PublicLink = SalesDocument["links"][number];

/** The public links of the document. The service keeps no secret, so a new link is shown and copied only once. */
export function PublicLinks({ document, onChange }: { document: SalesDocument; onChange: () => void }) {
  const t = useMessages(invoices);
  const format = useFormats();
  const toast = useToast();
  const errorText = useErrorText();
  const mayWrite = useMay("WRITE");
  const name = t.documentNames[document.documentType];
  const [{ fetching }, create] = useMutation(CREATE_DOCUMENT_LINK);
  const [, revoke] = useMutation(REVOKE_DOCUMENT_LINK);
  const [address, setAddress] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [revoking, setRevoking] = useState<PublicLink>();

  async function add() {
    const { data, error } = await create({ id: document.id });
    const made = data?.createDocumentLink;
    setProblem(error ? errorText(error) : made?.userErrors[0]?.message);
    if (!made?.path) return;
    setAddress(window.location.origin + made.path);
    onChange();
  }

  async function confirmRevoke() {
    if (!revoking) return undefined;
    const { data, error } = await revoke({ id: revoking.id });
    if (!data?.revokeDocumentLink.link)
      return error ? errorText(error) : data?.revokeDocumentLink.userErrors[0]?.message;
    setAddress(undefined);
    toast(t.linkRevoked);
    onChange();
    return undefined;
  }

  return (
    <section className="card small" aria-labelledby="links">
      <h2 id="links">{t.links}</h2>
      <p className="muted">{t.linksHint(name)}</p>
      {problem && (
        <Notice kind="danger" role="alert">
          {problem}
        </Notice>
      )}
      {address && <NewLink address={address} />}
      {document.links.length > 0 && (
        <ul className="side-list">
          {document.links.map((link) => (
            <li key={link.id}>
              <p>{t.linkUntil(format.moment(link.expiresAt))}</p>
              <p className="muted">
                {t.linkCreated(format.moment(link.createdAt))}
                {link.mailed && ` · ${t.linkMailed}`}
              </p>
              {mayWrite && (
                <Button kind="quiet" onClick={() => setRevoking(link)}>
                  {t.revokeLink}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {mayWrite && (
        <p>
          <Button busy={fetching} onClick={add}>
            {t.createLink}
          </Button>
        </p>
      )}
      {revoking && (
        <ConfirmDialog
          title={t.revokeLinkTitle}
          text={t.revokeLinkText(name)}
          label={t.revokeLink}
          onConfirm={confirmRevoke}
          onClose={() => setRevoking(undefined)}
        />
      )}
    </section>
  );
}

function NewLink({ address }: { address: string }) {
  const t = useMessages(invoices);
  const input = useRef<HTMLInputElement>(null);
  const [message, setMessage] = useState<string>();

  async function copy() {
    try {
      await navigator.clipboard.writeText(address);
      setMessage(t.linkCopied);
    } catch {
      input.current?.select();
      setMessage(t.linkCopyFailed);
    }
  }

  return (
    <>
      <Field label={t.newLink} hint={t.newLinkHint}>
        {(control) => (
          <div className="with-button">
            <input
              {...control}
              ref={input}
              className="input"
              readOnly
              value={address}
              onFocus={(event) => event.target.select()}
            />
            <Button onClick={copy}>{t.copyLink}</Button>
          </div>
        )}
      </Field>
      <p className="muted" role="status">
        {message}
      </p>
    </>
  );
}
