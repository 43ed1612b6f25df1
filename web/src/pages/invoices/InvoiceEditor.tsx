import "./editor.css";
import { type ReactNode, type SetStateAction, useCallback, useMemo, useState } from "react";
import { useQuery } from "urql";
import { Button } from "@/components/Button";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { DateField } from "@/components/DateField";
import { DraftForm, DraftFormEnd, type DraftFormState, type SendResult } from "@/components/DraftForm";
import { CheckboxField, SelectField, TextAreaField } from "@/components/Field";
import type { Currency } from "@/graphql";
import { below, messageAt, type Refusal } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { fiscal as fiscalWords } from "@/i18n/fiscal";
import { useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";
import { useViewer } from "@/layout/viewer";
import { computeInvoice } from "@/money/invoice";
import { CompleteCustomerDialog } from "./CompleteCustomerDialog";
import { CustomerChoice } from "./CustomerChoice";
import { INVOICE_SETTINGS } from "./choiceDocuments";
import { ExportFields } from "./ExportFields";
import {
  findUnreadable,
  type FormLine,
  type InvoiceDraft,
  type InvoiceFields,
  isBlank,
  toFormPaths,
  toRefusal,
} from "./form";
import { Lines } from "./Lines";
import { NewCustomerDialog } from "./NewCustomerDialog";
import { useFaultText } from "./NumberField";
import { optionOf, pointOptions, readPoint } from "./points";
import { Terms } from "./Terms";
import { Totals } from "./Totals";

const CURRENCIES: Currency[] = ["PAB", "USD"];

/** The form of an invoice, for a new one and for a draft. Its owner sends what it holds. */
export function InvoiceEditor({
  form,
  draftName,
  mayKeepNewCustomer,
  isCorrection = false,
  send,
  cancelButton,
}: {
  form: DraftFormState<InvoiceDraft>;
  draftName: string;
  /** Whether a new customer may be saved along with the invoice. */
  mayKeepNewCustomer: boolean;
  /** Whether the invoice is issued already: its point, day and currency stay, and it can't be put off as a draft. */
  isCorrection?: boolean;
  /** Sends the invoice; the refusals have the paths of the mutation. */
  send: (issue: boolean) => Promise<SendResult>;
  cancelButton: ReactNode;
}) {
  const t = useMessages(invoices);
  const words = useMessages(common);
  const format = useFormats();
  const faultText = useFaultText();
  const fiscal = useMessages(fiscalWords);
  const [{ data }] = useQuery({ query: INVOICE_SETTINGS });
  const [isAsking, setAsking] = useState(false);
  const [completing, setCompleting] = useState<string>();
  const { value, setValue, refusals, dropRefusals, busy } = form;
  const { fields, customer } = value;
  const { electronicInvoicing } = useViewer().account;
  const settings = data?.viewer.account;
  const points = settings?.billingPoints ?? [];
  const receiverType = customer?.kind === "new" ? customer.input.receiverType : customer?.receiverType;
  const { lines: amounts, totals } = useMemo(() => computeInvoice(fields.lines), [fields.lines]);
  const lineRefusals = useMemo(() => below(refusals, "lines"), [refusals]);
  const missing = fields.lines.flatMap((line, index) => (amounts[index] || isBlank(line) ? [] : [index + 1]));

  const set = (values: Partial<InvoiceDraft>) => setValue((before) => ({ ...before, ...values }));

  /** The properties of the input of a field. */
  function inputOf<Name extends keyof InvoiceFields>(name: Name) {
    return {
      value: fields[name],
      error: messageAt(refusals, name),
      onChange: (typed: InvoiceFields[Name]) => {
        setValue((before) => ({ ...before, fields: { ...before.fields, [name]: typed } }));
        dropRefusals(name);
      },
    };
  }

  function change(values: Partial<InvoiceFields>, ...refused: string[]) {
    setValue((before) => ({ ...before, fields: { ...before.fields, ...values } }));
    dropRefusals(...refused);
  }

  const setLines = useCallback(
    (change: SetStateAction<FormLine[]>) =>
      setValue((before) => {
        const lines = typeof change === "function" ? change(before.fields.lines) : change;
        return { ...before, fields: { ...before.fields, lines } };
      }),
    [setValue],
  );
  const dropLineRefusals = useCallback(
    (key: string, name: string) => dropRefusals("lines", key, name),
    [dropRefusals],
  );

  function chooseCustomer(chosen: InvoiceDraft["customer"]) {
    set({ customer: chosen, newCustomerSearch: null });
    dropRefusals("customerId");
    dropRefusals("newCustomer");
  }

  /** After the dialog the invoice goes on with its lines. */
  function chooseInDialog(chosen: InvoiceDraft["customer"]) {
    chooseCustomer(chosen);
    setTimeout(() => form.element.current?.querySelector<HTMLElement>(".line input")?.focus(), 0);
  }

  function findFaults(): Refusal[] {
    return [
      ...(customer ? [] : [toRefusal(["customerId"], t.customerMissing)]),
      ...(points.length > 1 && !isCorrection && !optionOf(points, fields)
        ? [toRefusal(["billingPoint"], t.pointMissing)]
        : []),
      ...findUnreadable(fields).map((found) => {
        if (found.fault === "date") return toRefusal(found.path, words.dateFault);
        if (found.fault === "empty") return toRefusal(found.path, t.numberFaults.empty);
        return toRefusal(found.path, faultText(found.fault, found.typed));
      }),
    ];
  }

  async function submit(issue: boolean) {
    const { refusals = [] } = await form.submit(
      async () => {
        const result = await send(issue);
        return { ...result, refusals: toFormPaths(result.refusals ?? [], fields) };
      },
      issue ? "issue" : "draft",
    );
    if (below(refusals, "newCustomer").length > 0) set({ newCustomerSearch: "" });
  }

  /** Shows what the page itself finds wrong, or else goes on. */
  async function check(goOn: () => void) {
    const faults = findFaults();
    let isReady = false;
    await form.submit(() => {
      isReady = faults.length === 0;
      return Promise.resolve({ refusals: faults });
    }, "check");
    if (isReady) goOn();
  }

  const sending = isCorrection
    ? {
        label: fiscal.sendCorrected,
        doing: fiscal.sendingCorrected,
        question: fiscal.sendCorrectedTitle,
        text: fiscal.correctConfirm,
      }
    : {
        label: t.issue,
        doing: t.issuing,
        question: t.issueTitle,
        text: electronicInvoicing ? fiscal.electronicIssueText : t.issueText,
      };
  const issue = () => check(() => setAsking(true));
  return (
    <>
      <DraftForm form={form} className="editor" onSubmit={issue}>
        <section className="card" aria-labelledby="editor-customer">
          <h2 id="editor-customer">{t.customer}</h2>
          <CustomerChoice
            value={customer}
            onChange={chooseCustomer}
            onNew={(typed) => set({ newCustomerSearch: typed })}
            onComplete={setCompleting}
            refusals={refusals}
          />
        </section>
        <section className="card" aria-labelledby="editor-lines">
          <h2 id="editor-lines">{t.lines}</h2>
          <Lines
            lines={fields.lines}
            onChange={setLines}
            onEdited={dropLineRefusals}
            customerId={customer?.kind === "existing" ? customer.id : undefined}
            needsCpbs={electronicInvoicing && receiverType === "GOVERNMENT"}
            refusals={lineRefusals}
          />
        </section>
        <div className="editor-bottom">
          <section className="card" aria-labelledby="editor-details">
            <h2 id="editor-details">{t.details}</h2>
            <div className="form-grid">
              {points.length !== 1 && !isCorrection && (
                <SelectField
                  label={t.billingPoint}
                  required
                  value={optionOf(points, fields)}
                  error={messageAt(refusals, "billingPoint") ?? messageAt(refusals, "branch")}
                  onChange={(option) => {
                    change(readPoint(option), "billingPoint");
                    dropRefusals("branch");
                  }}
                  options={[["", t.choose], ...pointOptions(points, settings?.branches ?? [])]}
                />
              )}
              {!isCorrection && (
                <DateField label={t.issueDate} hint={t.todayIfEmpty} {...inputOf("issueDate")} />
              )}
              <DateField label={t.dueDate} hint={t.dueIfEmpty} {...inputOf("dueDate")} />
              {!isCorrection && (
                <SelectField
                  label={t.currency}
                  {...inputOf("currency")}
                  options={CURRENCIES.map((each) => [each, t.currencies[each]] as const)}
                />
              )}
              {(fields.incoterm || (receiverType === "FOREIGN" && !isCorrection)) && (
                <ExportFields
                  fields={fields}
                  refusals={refusals}
                  isSettled={isCorrection}
                  onChange={change}
                />
              )}
              <TextAreaField wide label={t.notesLabel} hint={t.notesHint} {...inputOf("notes")} />
            </div>
            <Terms
              fields={fields}
              refusals={refusals}
              usualMethod={settings?.paymentMethod ?? "CASH"}
              onChange={change}
            />
          </section>
          <section className="card editor-end" aria-labelledby="editor-totals">
            <h2 id="editor-totals" className="visually-hidden">
              {t.totals}
            </h2>
            <Totals sums={totals} currency={fields.currency} />
            <p className="missing-lines field-error" role="status">
              {missing.length > 0 && t.missingLines(missing)}
            </p>
            {!isCorrection && (
              <CheckboxField
                label={t.notify}
                hint={electronicInvoicing ? t.notifyElectronicHint : undefined}
                checked={value.notify ?? true}
                onChange={(notify) => set({ notify })}
              />
            )}
            {totals.tooLarge && <p className="field-error">{t.tooLarge}</p>}
            <DraftFormEnd form={form} hrefOf={(id) => `/facturas/${id}`}>
              <Button kind="primary" busy={busy !== undefined} onClick={issue}>
                {busy === "issue" ? sending.doing : sending.label}
              </Button>
              {!isCorrection && (
                <Button busy={busy !== undefined} onClick={() => check(() => void submit(false))}>
                  {busy === "draft" ? t.savingDraft : t.saveDraft}
                </Button>
              )}
              {cancelButton}
            </DraftFormEnd>
          </section>
        </div>
      </DraftForm>
      {isAsking && (
        <ConfirmDialog
          title={sending.question}
          text={sending.text(format.money(totals.total, fields.currency), value.notify ?? true)}
          label={sending.label}
          kind="primary"
          // The dialog closes at once, so that the focus can go to what is refused.
          onConfirm={() => {
            setTimeout(() => void submit(true), 0);
            return Promise.resolve();
          }}
          onClose={() => setAsking(false)}
        />
      )}
      {completing && (
        <CompleteCustomerDialog
          id={completing}
          onSaved={() => chooseCustomer(customer)}
          onClose={() => setCompleting(undefined)}
        />
      )}
      {value.newCustomerSearch !== null && (
        <NewCustomerDialog
          draftName={`${draftName}.customer`}
          begun={customer?.kind === "new" ? customer.value : null}
          search={value.newCustomerSearch}
          refusals={below(refusals, "newCustomer")}
          mayKeep={mayKeepNewCustomer}
          onChosen={chooseInDialog}
          onClose={() => set({ newCustomerSearch: null })}
        />
      )}
    </>
  );
}
