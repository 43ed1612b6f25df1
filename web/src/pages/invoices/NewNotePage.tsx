import "./editor.css";
import "./note.css";
import { type SetStateAction, useCallback, useMemo, useState } from "react";
import { useClient, useQuery } from "urql";
import { useLocation } from "wouter";
import { Button, ButtonLink } from "@/components/Button";
import { ChoiceField } from "@/components/ChoiceField";
import { DateField } from "@/components/DateField";
import { DiscardButton, DraftForm, DraftFormEnd, DraftNotice, useDraftForm } from "@/components/DraftForm";
import { CheckboxField, SelectField, TextAreaField } from "@/components/Field";
import { BackLink } from "@/components/list/BackLink";
import { EmptyState, ErrorState, Loading, Notice } from "@/components/states";
import { useToast } from "@/components/Toast";
import { useTitle } from "@/components/useTitle";
import { below, messageAt, type Refusal } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";
import { notes } from "@/i18n/notes";
import { mayHaveNotes } from "./Actions";
import { INVOICE } from "./documents";
import { type Account, type FormLine, type Invoice, numberOf, toRefusal, withWarnings } from "./form";
import { Lines } from "./Lines";
import {
  createNote,
  emptyNote,
  findNoteFaults,
  type NoteDraft,
  type NoteFault,
  type NoteKind,
  toNotePaths,
  toNoteRequest,
} from "./note";
import { NoteLines } from "./NoteLines";
import { useFaultText } from "./NumberField";
import { pointOptions } from "./points";
import { Totals } from "./Totals";
import { useNotePreview } from "./useNotePreview";

/** A new credit or debit note for an invoice. */
export function NewNotePage({ id, kind }: { id: string; kind: NoteKind }) {
  const t = useMessages(notes);
  const words = useMessages(invoices);
  const [{ data, error, stale }, reload] = useQuery({
    query: INVOICE,
    variables: { id },
  });
  const invoice = data?.invoice;
  const title = t.title[kind](invoice ? numberOf(invoice) : "");
  useTitle(title);

  if (!data) return error ? <ErrorState error={error} onRetry={reload} /> : <Loading />;
  if (!invoice) {
    return (
      <EmptyState title={words.gone} heading="h1">
        <ButtonLink href="/facturas">{words.backToList}</ButtonLink>
      </EmptyState>
    );
  }
  const isUsedUp = kind === "credit" && invoice.creditableTotal === "0.00";
  if (!mayHaveNotes(invoice) || isUsedUp) {
    if (stale) return <Loading />;
    return (
      <EmptyState title={t.none} heading="h1">
        <p>{mayHaveNotes(invoice) ? t.nothingLeft : t.noneHint[invoice.status]}</p>
        <ButtonLink href={`/facturas/${id}`}>{words.seeInvoice}</ButtonLink>
      </EmptyState>
    );
  }
  return (
    <div className="page">
      <BackLink path={`/facturas/${id}`} title={`${words.invoice} ${numberOf(invoice)}`} />
      <h1>{title}</h1>
      <NewNote kind={kind} invoice={invoice} account={data.viewer.account} />
    </div>
  );
}

function NewNote({ kind, invoice, account }: { kind: NoteKind; invoice: Invoice; account: Account }) {
  const t = useMessages(notes);
  const words = useMessages(invoices);
  const { dateFault, cancel } = useMessages(common);
  const format = useFormats();
  const faultText = useFaultText();
  const toast = useToast();
  const client = useClient();
  const [, navigate] = useLocation();
  const [initial] = useState(() => emptyNote(invoice));
  const form = useDraftForm(`note.${kind}.${invoice.id}`, initial);
  const { value: draft, setValue, dropRefusals, busy } = form;
  const faults = findNoteFaults(kind, draft);
  const request = toNoteRequest(kind, invoice, draft);
  // The totals don't depend on the reason, which may still be missing.
  const asked = { ...request, input: { ...request.input, reason: request.input.reason || t.reason } };
  const preview = useNotePreview(faults.length > 0 ? null : asked);
  const foreseen = toNotePaths(preview.refusals, draft);
  const shown = [...form.refusals, ...foreseen.filter(({ path }) => path.length > 0)];
  const general = foreseen.filter(({ path }) => path.length === 0);
  const lines = invoice.lines.filter(
    ({ creditableNet }) => kind === "debit" || (creditableNet !== null && creditableNet !== "0.00"),
  );

  function inputOf<Name extends "reason" | "notes" | "issueDate" | "scope">(name: Name) {
    return {
      value: draft[name],
      error: messageAt(shown, name),
      onChange: (typed: NoteDraft[Name]) => {
        setValue((before) => ({ ...before, [name]: typed }));
        dropRefusals(name);
      },
    };
  }

  const setCharges = useCallback(
    (change: SetStateAction<FormLine[]>) =>
      setValue((before) => ({
        ...before,
        charges: typeof change === "function" ? change(before.charges) : change,
      })),
    [setValue],
  );
  const dropCharge = useCallback(
    (key: string, field: string) => dropRefusals("charges", key, field),
    [dropRefusals],
  );

  function textOf(fault: NoteFault): string {
    if (fault.fault === "date") return dateFault;
    if (fault.fault === "noLine") return t.noLine;
    if (fault.fault === "noAmount") return t.noAmount;
    return fault.fault === "empty" ? words.numberFaults.empty : faultText(fault.fault, fault.typed);
  }

  async function send() {
    const missing: Refusal[] = faults.map(({ path, fault }) => toRefusal(path, textOf(fault)));
    if (!request.input.reason) missing.unshift(toRefusal(["reason"], words.numberFaults.empty));
    if (missing.length > 0) return { refusals: missing };
    const { answer, error } = await createNote(client, request, {
      dryRun: false,
      notify: draft.notify,
      idempotencyKey: form.idempotencyKey,
    });
    if (!answer) return { error };
    if (!answer.note) return { refusals: toNotePaths(answer.refusals, draft) };
    form.discard();
    toast(withWarnings(t.issued[kind](answer.note.number ?? ""), answer.warnings));
    navigate(`/facturas/${answer.note.id}`, { replace: true });
    return {};
  }

  const issue = () => void form.submit(send);
  const chargeRefusals = useMemo(() => below(form.refusals, "charges"), [form.refusals]);
  const points = pointOptions(account.billingPoints, account.branches);
  const noteLines = (
    <NoteLines
      kind={kind}
      lines={lines}
      currency={invoice.currency}
      parts={draft.parts}
      refusals={below(shown, "lines")}
      onChange={(position, part) => {
        setValue((before) => ({ ...before, parts: { ...before.parts, [position]: part } }));
        // Without any choice, the refusal stands at all lines.
        dropRefusals("lines");
      }}
    />
  );
  return (
    <>
      <DraftNotice form={form} />
      <DraftForm form={form} className="editor" onSubmit={issue}>
        <div className="card">
          <TextAreaField
            label={t.reason}
            required
            rows={2}
            hint={kind === "credit" ? t.reasonHint : t.debitReasonHint}
            {...inputOf("reason")}
          />
          {kind === "credit" && (
            <ChoiceField
              label={t.scope}
              {...inputOf("scope")}
              options={[
                ["all", t.scopes.all(format.money(invoice.creditableTotal, invoice.currency))],
                ["lines", t.scopes.lines],
              ]}
            />
          )}
        </div>
        {kind === "credit" && draft.scope === "lines" && (
          <section className="card" aria-labelledby="note-lines">
            <h2 id="note-lines">{t.lines}</h2>
            {noteLines}
          </section>
        )}
        {kind === "debit" && (
          <>
            <section className="card" aria-labelledby="note-charges">
              <h2 id="note-charges">{t.charges}</h2>
              <p className="muted small">{t.chargesHint}</p>
              <Lines
                lines={draft.charges}
                onChange={setCharges}
                onEdited={dropCharge}
                customerId={invoice.customer.id}
                needsCpbs={invoice.electronic && invoice.customer.receiverType === "GOVERNMENT"}
                refusals={chargeRefusals}
              />
            </section>
            <section className="card" aria-labelledby="note-lines">
              <h2 id="note-lines">{t.debitLines}</h2>
              {noteLines}
            </section>
          </>
        )}
        <div className="editor-bottom">
          <section className="card" aria-labelledby="note-details">
            <h2 id="note-details">{t.details}</h2>
            <div className="form-grid">
              {points.length > 1 && (
                <SelectField
                  label={words.billingPoint}
                  value={draft.point}
                  error={messageAt(shown, "billingPoint") ?? messageAt(shown, "branch")}
                  onChange={(point) => {
                    setValue((before) => ({ ...before, point }));
                    dropRefusals("billingPoint");
                    dropRefusals("branch");
                  }}
                  options={points}
                />
              )}
              {!invoice.electronic && (
                <DateField label={words.issueDate} hint={words.todayIfEmpty} {...inputOf("issueDate")} />
              )}
              <TextAreaField wide label={t.noteText} {...inputOf("notes")} />
            </div>
          </section>
          <section className="card editor-end" aria-labelledby="note-totals">
            <h2 id="note-totals" className="visually-hidden">
              {t.total}
            </h2>
            {preview.note ? (
              <Totals sums={preview.note} currency={invoice.currency} />
            ) : (
              kind === "debit" && <p className="muted">{t.nothing}</p>
            )}
            {general.length > 0 && (
              <Notice kind="warning" role="status">
                {general.map(({ message }) => (
                  <p key={message}>{message}</p>
                ))}
              </Notice>
            )}
            <CheckboxField
              label={words.notify}
              hint={invoice.electronic ? words.notifyElectronicHint : undefined}
              checked={draft.notify}
              onChange={(notify) => setValue((before) => ({ ...before, notify }))}
            />
            <p className="muted small">{invoice.electronic ? t.electronicAfter : t.after}</p>
            <DraftFormEnd form={form} hrefOf={(id) => `/facturas/${id}`}>
              <Button kind="primary" busy={busy !== undefined} onClick={issue}>
                {busy === undefined ? t.issue[kind] : t.issuing}
              </Button>
              <DiscardButton form={form} onDiscarded={() => navigate(`/facturas/${invoice.id}`)}>
                {cancel}
              </DiscardButton>
            </DraftFormEnd>
          </section>
        </div>
      </DraftForm>
    </>
  );
}
