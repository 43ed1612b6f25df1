import { useState } from "react";
import { useMutation } from "urql";
import { Button, ButtonLink } from "@/components/Button";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { Notice } from "@/components/states";
import { useToast } from "@/components/Toast";
import type { FiscalStatus } from "@/graphql";
import { useErrorText } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { fiscal as fiscalWords } from "@/i18n/fiscal";
import { useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";
import { useMay } from "@/layout/viewer";
import { RENUMBER_DOCUMENT, RETRY_EMISSION } from "./fiscalDocuments";
import { placeOf } from "./faultPlace";
import type { FiscalFault, SalesDocument } from "./form";

const KINDS = {
  NONE: "info",
  QUEUED: "info",
  CHECKING: "info",
  ACCEPTED: "info",
  AUTHORIZED: "info",
  REJECTED: "danger",
  BLOCKED: "warning",
  VOIDING: "info",
  VOIDED: "info",
  WITHDRAWN: "info",
} as const satisfies Record<FiscalStatus, string>;

/** While it is one of these, something happens by itself. */
export const IN_TRANSIT: readonly FiscalStatus[] = ["QUEUED", "CHECKING", "ACCEPTED", "VOIDING"];

/** What has become of an electronic document on its way to the DGI, and what somebody must do about it. */
export function FiscalStory({ document, onChange }: { document: SalesDocument; onChange: () => void }) {
  const t = useMessages(fiscalWords);
  const { documentNames } = useMessages(invoices);
  const format = useFormats();
  const { status, faults, attempts, nextAttemptAt, blockedReason, blockedMessage, voidRefusal } =
    document.fiscal;
  // A rejected note can be sent again, but not changed.
  const statusText =
    status === "REJECTED" && document.__typename !== "Invoice" ? t.noteRejected : t.texts[status];
  const wrong = faults.filter(({ notice }) => !notice);
  if (status === "AUTHORIZED" && voidRefusal) {
    return (
      <Notice kind="warning" role="status">
        <p>
          <strong>{t.voidRefused(documentNames[document.documentType])}</strong>
        </p>
        <Details text={voidRefusal} />
      </Notice>
    );
  }
  if (["NONE", "AUTHORIZED", "VOIDED", "WITHDRAWN"].includes(status)) return null;
  return (
    <Notice kind={KINDS[status]} role="status">
      <p>
        <strong>{t.statuses[status]}.</strong>{" "}
        {status === "BLOCKED" && blockedReason ? t.blocked[blockedReason] : statusText}
      </p>
      {status === "BLOCKED" && blockedMessage && <Details text={blockedMessage} />}
      {status === "REJECTED" && wrong.length > 0 && <Faults title={t.faults} faults={wrong} />}
      {nextAttemptAt && attempts > 0 && status !== "VOIDING" && (
        <p className="small">
          {t.attempts(attempts)} · {t.next(format.moment(nextAttemptAt))}
        </p>
      )}
      <StoryActions document={document} onChange={onChange} />
    </Notice>
  );
}

/** What the provider said about it, or what Istmo did where it said nothing. */
function Details({ text }: { text: string }) {
  const t = useMessages(fiscalWords);
  return (
    <p className="small broken-anywhere">
      {t.details} <span lang="es">{text}</span>
    </p>
  );
}

/** What the DGI or the provider said, each at its place. */
export function Faults({ title, faults }: { title: string; faults: readonly FiscalFault[] }) {
  const t = useMessages(fiscalWords);
  return (
    <ul className="bulleted" aria-label={title}>
      {faults.map(({ code, path, line, message }, index) => {
        const place = placeOf(path, line, t);
        return (
          <li key={index} className="broken-anywhere">
            {place && <strong>{place}: </strong>}
            <span lang="es">{message}</span> <span className="small">({t.code(code)})</span>
          </li>
        );
      })}
    </ul>
  );
}

function StoryActions({ document, onChange }: { document: SalesDocument; onChange: () => void }) {
  const t = useMessages(fiscalWords);
  const name = useMessages(invoices).documentNames[document.documentType];
  const toast = useToast();
  const errorText = useErrorText();
  const mayWrite = useMay("WRITE");
  const isAdmin = useMay("ADMIN");
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [{ fetching }, retry] = useMutation(RETRY_EMISSION);
  const [, renumber] = useMutation(RENUMBER_DOCUMENT);
  const { status, blockedReason } = document.fiscal;
  const isTaken = blockedReason === "NUMBER_TAKEN";
  const lacksCredentials = blockedReason === "CREDENTIALS";

  async function tryAgain() {
    const { data, error } = await retry({ id: document.id });
    const refusal = data?.retryEmission.userErrors[0];
    setProblem(error ? errorText(error) : refusal?.message);
    if (data?.retryEmission.document) toast(t.retried);
    onChange();
  }

  async function giveNumber() {
    const { data, error } = await renumber({ id: document.id });
    const renumbered = data?.renumberDocument.document;
    if (!renumbered) return error ? errorText(error) : data?.renumberDocument.userErrors[0]?.message;
    toast(t.renumbered(name, renumbered.number ?? ""));
    onChange();
    return undefined;
  }

  if (!mayWrite || (status !== "REJECTED" && status !== "BLOCKED")) return null;
  return (
    <>
      {problem && <p role="alert">{problem}</p>}
      <div className="actions">
        {status === "REJECTED" && (
          <ButtonLink kind="primary" href={`/facturas/${document.id}/corregir`}>
            {t.correct}
          </ButtonLink>
        )}
        {status === "BLOCKED" && isTaken && isAdmin && (
          <Button kind="primary" onClick={() => setAsking(true)}>
            {t.renumber}
          </Button>
        )}
        {status === "BLOCKED" && lacksCredentials && isAdmin && (
          <ButtonLink kind="primary" href="/cuenta">
            {t.toAccount}
          </ButtonLink>
        )}
        {status === "BLOCKED" && (
          <Button
            kind={isAdmin && (isTaken || lacksCredentials) ? "secondary" : "primary"}
            busy={fetching}
            onClick={tryAgain}
          >
            {t.retry}
          </Button>
        )}
      </div>
      {isAsking && (
        <ConfirmDialog
          title={t.renumberTitle}
          text={t.renumberText(name)}
          label={t.renumber}
          kind="primary"
          onConfirm={giveNumber}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
