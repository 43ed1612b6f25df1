import "./editor.css";
import { type ReactNode, type SetStateAction, useCallback, useMemo } from "react";
import { useQuery } from "urql";
import { Button } from "@/components/Button";
import { DraftForm, DraftFormEnd, type DraftFormState, type SendResult } from "@/components/DraftForm";
import { SelectField, TextAreaField, TextField } from "@/components/Field";
import type { Currency } from "@/graphql";
import { below, messageAt, type Refusal } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";
import { computeInvoice } from "@/money/invoice";
import { CustomerChoice } from "./CustomerChoice";
import { INVOICE_SETTINGS } from "./documents";
import { findUnreadable, type FormLine, type InvoiceDraft, type InvoiceFields, toFormPaths } from "./form";
import { Lines } from "./Lines";
import { NewCustomerDialog } from "./NewCustomerDialog";
import { Totals } from "./Totals";

const CURRENCIES: Currency[] = ["PAB", "USD"];

/** The form of an invoice, for a new one and for a draft. Its owner sends what it holds. */
export function InvoiceEditor({
  form,
  draftName,
  mayKeepNewCustomer,
  send,
  cancelButton,
}: {
  form: DraftFormState<InvoiceDraft>;
  draftName: string;
  /** Whether a new customer may be saved along with the invoice. */
  mayKeepNewCustomer: boolean;
  /** Sends the invoice; the refusals have the paths of the mutation. */
  send: (issue: boolean) => Promise<SendResult>;
  cancelButton: ReactNode;
}) {
  const t = useMessages(invoices);
  const [{ data }] = useQuery({ query: INVOICE_SETTINGS });
  const { value, setValue, refusals, dropRefusals, busy } = form;
  const { fields, customer } = value;
  const points = data?.viewer.account.billingPoints ?? [];
  const { totals } = useMemo(() => computeInvoice(fields.lines), [fields.lines]);
  const lineRefusals = useMemo(() => below(refusals, "lines"), [refusals]);

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

  async function check(issue: boolean): Promise<SendResult> {
    const faults = [
      ...(customer ? [] : [toRefusal(["customerId"], t.customerMissing)]),
      ...findUnreadable(fields.lines).map(({ path, fault }) => toRefusal(path, t.numberFaults[fault])),
    ];
    if (faults.length > 0) return { refusals: faults };
    const result = await send(issue);
    return { ...result, refusals: toFormPaths(result.refusals ?? [], fields.lines) };
  }

  async function submit(issue: boolean) {
    const { refusals = [] } = await form.submit(() => check(issue), issue ? "issue" : "draft");
    if (below(refusals, "newCustomer").length > 0) set({ newCustomerSearch: "" });
  }

  return (
    <>
      <DraftForm form={form} className="editor">
        <section className="card" aria-labelledby="editor-customer">
          <h2 id="editor-customer">{t.customer}</h2>
          <CustomerChoice
            value={customer}
            onChange={chooseCustomer}
            onNew={(typed) => set({ newCustomerSearch: typed })}
            refusals={refusals}
          />
        </section>
        <section className="card" aria-labelledby="editor-details">
          <h2 id="editor-details">{t.details}</h2>
          <div className="editor-details">
            {points.length !== 1 && (
              <SelectField
                label={t.billingPoint}
                required
                {...inputOf("billingPoint")}
                options={[
                  ["", t.choose],
                  ...points.map(({ code, name }) => [code, name ? `${code} · ${name}` : code] as const),
                ]}
              />
            )}
            <SelectField
              label={t.currency}
              {...inputOf("currency")}
              options={CURRENCIES.map((each) => [each, t.currencies[each]] as const)}
            />
            <TextField label={t.issueDate} type="date" hint={t.todayIfEmpty} {...inputOf("issueDate")} />
            <TextField label={t.dueDate} type="date" {...inputOf("dueDate")} />
          </div>
        </section>
        <section className="card wide" aria-labelledby="editor-lines">
          <h2 id="editor-lines">{t.lines}</h2>
          <Lines
            lines={fields.lines}
            onChange={setLines}
            onEdited={dropLineRefusals}
            refusals={lineRefusals}
          />
        </section>
        <div className="editor-bottom wide">
          <section className="card" aria-labelledby="editor-notes">
            <h2 id="editor-notes">{t.notes}</h2>
            <TextAreaField label={t.notesLabel} hint={t.notesHint} {...inputOf("notes")} />
          </section>
          <section className="card editor-end" aria-labelledby="editor-totals">
            <h2 id="editor-totals" className="visually-hidden">
              {t.totals}
            </h2>
            <Totals sums={totals} currency={fields.currency} />
            {totals.tooLarge && <p className="field-error">{t.tooLarge}</p>}
            <DraftFormEnd form={form}>
              <Button kind="primary" busy={busy !== undefined} onClick={() => submit(true)}>
                {busy === "issue" ? t.issuing : t.issue}
              </Button>
              <Button busy={busy !== undefined} onClick={() => submit(false)}>
                {busy === "draft" ? t.savingDraft : t.saveDraft}
              </Button>
              {cancelButton}
            </DraftFormEnd>
          </section>
        </div>
      </DraftForm>
      {value.newCustomerSearch !== null && (
        <NewCustomerDialog
          draftName={`${draftName}.customer`}
          search={value.newCustomerSearch}
          refusals={below(refusals, "newCustomer")}
          mayKeep={mayKeepNewCustomer}
          onChosen={chooseCustomer}
          onClose={() => set({ newCustomerSearch: null })}
        />
      )}
    </>
  );
}

function toRefusal(path: readonly string[], message: string): Refusal {
  return {
    __typename: "UserError",
    path: [...path],
    code: "INVALID_VALUE",
    message,
    expected: null,
    relatedId: null,
  };
}
