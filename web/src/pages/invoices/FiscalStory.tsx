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
import { useMay } from "@/layout/viewer";
import { RENUMBER_DOCUMENT, RETRY_EMISSION } from "./documents";
import { placeOf } from "./faultPlace";
import type { FiscalFault, Invoice } from "./form";

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

/** What has become of an electronic invoice on its way to the DGI, and what somebody must do about it. */
export function FiscalStory({ invoice, onChange }: { invoice: Invoice; onChange: () => void }) {
  const t = useMessages(fiscalWords);
  const format = useFormats();
  const { status, faults, attempts, nextAttemptAt, blockedReason, blockedMessage, voidRefusal } =
    invoice.fiscal;
  const wrong = faults.filter(({ notice }) => !notice);
  if (status === "AUTHORIZED" && voidRefusal) {
    return (
      <Notice kind="warning" role="status">
        <p>
          <strong>{t.voidRefused}</strong>
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
        {status === "BLOCKED" && blockedReason ? t.blocked[blockedReason] : t.texts[status]}
      </p>
      {status === "BLOCKED" && blockedMessage && <Details text={blockedMessage} />}
      {status === "REJECTED" && wrong.length > 0 && <Faults title={t.faults} faults={wrong} />}
      {nextAttemptAt && attempts > 0 && status !== "VOIDING" && (
        <p className="small">
          {t.attempts(attempts)} · {t.next(format.moment(nextAttemptAt))}
        </p>
      )}
      <StoryActions invoice={invoice} onChange={onChange} />
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

function StoryActions({ invoice, onChange }: { invoice: Invoice; onChange: () => void }) {
  const t = useMessages(fiscalWords);
  const toast = useToast();
  const errorText = useErrorText();
  const mayWrite = useMay("WRITE");
  const isAdmin = useMay("ADMIN");
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [{ fetching }, retry] = useMutation(RETRY_EMISSION);
  const [, renumber] = useMutation(RENUMBER_DOCUMENT);
  const { status, blockedReason } = invoice.fiscal;
  const isTaken = blockedReason === "NUMBER_TAKEN";
  const lacksCredentials = blockedReason === "CREDENTIALS";

  async function tryAgain() {
    const { data, error } = await retry({ id: invoice.id });
    const refusal = data?.retryEmission.userErrors[0];
    setProblem(error ? errorText(error) : refusal?.message);
    if (data?.retryEmission.invoice) toast(t.retried);
    onChange();
  }

  async function giveNumber() {
    const { data, error } = await renumber({ id: invoice.id });
    const renumbered = data?.renumberDocument.invoice;
    if (!renumbered) return error ? errorText(error) : data?.renumberDocument.userErrors[0]?.message;
    toast(t.renumbered(renumbered.number ?? ""));
    onChange();
    return undefined;
  }

  if (!mayWrite || (status !== "REJECTED" && status !== "BLOCKED")) return null;
  return (
    <>
      {problem && <p role="alert">{problem}</p>}
      <div className="actions">
        {status === "REJECTED" && (
          <ButtonLink kind="primary" href={`/facturas/${invoice.id}/corregir`}>
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
          text={t.renumberText}
          label={t.renumber}
          kind="primary"
          onConfirm={giveNumber}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
