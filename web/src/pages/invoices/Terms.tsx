import "./terms.css";
import { useState } from "react";
import { Button } from "@/components/Button";
import { DateField } from "@/components/DateField";
import { SelectField, TextField } from "@/components/Field";
import type { PaymentMethod } from "@/graphql";
import { below, messageAt, type Refusals } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";
import { paymentMethods } from "@/i18n/payment";
import { AmountField } from "./AmountField";
import { PaymentMethodField } from "./CatalogueField";
import {
  emptyInstalment,
  emptyPayment,
  type FormInstalment,
  type FormPayment,
  hasTerms,
  type InvoiceFields,
  OTHER_WITHHOLDING,
} from "./form";

const MOST_FORMS = 10;
const MOST_INSTALMENTS = 99;
const NAMES = ["paymentForms", "instalments", "withholding", "purchaseOrder"];

type Change = (values: Partial<InvoiceFields>, ...refused: string[]) => void;

/** How the invoice is paid, what the customer keeps back, and its purchase order; folded away while nothing is said. */
export function Terms({
  fields,
  refusals,
  usualMethod,
  onChange,
}: {
  fields: InvoiceFields;
  refusals: Refusals;
  /** How invoices are paid that don't say it. */
  usualMethod: PaymentMethod;
  /** Changes fields; the refusals at the path no longer hold. */
  onChange: Change;
}) {
  const t = useMessages(invoices);
  const methods = useMessages(paymentMethods);
  const [isOpen, setOpen] = useState(() => hasTerms(fields));
  const isRefused = refusals.some(({ path }) => NAMES.includes(path[0] ?? ""));
  const hasAmount = fields.withholdingCode === OTHER_WITHHOLDING;
  const withholding =
    messageAt(refusals, "withholding") ??
    messageAt(refusals, "withholding", "code") ??
    (hasAmount ? undefined : messageAt(refusals, "withholding", "amount"));
  return (
    <details
      className="fold"
      open={isOpen || isRefused}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>{t.terms}</summary>
      <div className="fold-content">
        <PaymentForms
          forms={fields.paymentForms}
          refusals={below(refusals, "paymentForms")}
          hint={t.paymentFormsHint(methods[usualMethod])}
          onChange={onChange}
        />
        <Instalments
          instalments={fields.instalments}
          refusals={below(refusals, "instalments")}
          onChange={onChange}
        />
        <div className="form-grid">
          <SelectField
            label={t.withholding}
            hint={t.withholdingHint}
            value={fields.withholdingCode}
            error={withholding}
            onChange={(withholdingCode) => onChange({ withholdingCode }, "withholding")}
            options={[["", t.noWithholding], ...t.withholdings]}
          />
          {hasAmount && (
            <AmountField
              label={t.withholdingAmount}
              required
              value={fields.withholdingAmount}
              error={messageAt(refusals, "withholding", "amount")}
              onChange={(withholdingAmount) => onChange({ withholdingAmount }, "withholding", "amount")}
            />
          )}
          <TextField
            label={t.purchaseOrder}
            autoComplete="off"
            value={fields.purchaseOrder}
            error={messageAt(refusals, "purchaseOrder")}
            onChange={(purchaseOrder) => onChange({ purchaseOrder }, "purchaseOrder")}
          />
        </div>
      </div>
    </details>
  );
}

function PaymentForms({
  forms,
  refusals,
  hint,
  onChange,
}: {
  forms: FormPayment[];
  /** By the forms' keys: [key, "amount"]. */
  refusals: Refusals;
  hint: string;
  onChange: Change;
}) {
  const t = useMessages(invoices);
  const set = (key: string, values: Partial<FormPayment>) =>
    onChange(
      { paymentForms: forms.map((form) => (form.key === key ? { ...form, ...values } : form)) },
      "paymentForms",
    );
  return (
    <fieldset className="term-rows">
      <legend>{t.paymentForms}</legend>
      {forms.length === 0 && <p className="muted small">{hint}</p>}
      {forms.map((form, index) => (
        <div key={form.key} className="term-row" role="group" aria-label={t.paymentForm(index + 1)}>
          <PaymentMethodField
            value={form.method}
            onChange={(method) => set(form.key, { method })}
            error={messageAt(refusals, form.key, "method")}
          />
          <AmountField
            label={t.amount}
            placeholder={t.theRest}
            value={form.amount}
            error={messageAt(refusals, form.key, "amount")}
            onChange={(amount) => set(form.key, { amount })}
          />
          <Button
            kind="quiet"
            className="term-remove"
            aria-label={t.removePaymentForm(index + 1)}
            onClick={() => onChange({ paymentForms: forms.toSpliced(index, 1) }, "paymentForms")}
          >
            ✕
          </Button>
          {form.method === "OTHER" && (
            <TextField
              wide
              label={t.paymentDescription}
              required
              autoComplete="off"
              value={form.description}
              error={messageAt(refusals, form.key, "description")}
              onChange={(description) => set(form.key, { description })}
            />
          )}
        </div>
      ))}
      <ListError refusals={refusals} />
      {forms.length < MOST_FORMS && (
        <Button onClick={() => onChange({ paymentForms: [...forms, emptyPayment()] }, "paymentForms")}>
          + {t.addPaymentForm}
        </Button>
      )}
    </fieldset>
  );
}

function Instalments({
  instalments,
  refusals,
  onChange,
}: {
  instalments: FormInstalment[];
  /** By the instalments' keys: [key, "amount"]. */
  refusals: Refusals;
  onChange: Change;
}) {
  const t = useMessages(invoices);
  const set = (key: string, values: Partial<FormInstalment>) =>
    onChange(
      { instalments: instalments.map((each) => (each.key === key ? { ...each, ...values } : each)) },
      "instalments",
    );
  return (
    <fieldset className="term-rows">
      <legend>{t.instalments}</legend>
      {instalments.length === 0 && <p className="muted small">{t.instalmentsHint}</p>}
      {instalments.map((each, index) => (
        <div key={each.key} className="term-row" role="group" aria-label={t.instalment(index + 1)}>
          <DateField
            label={t.dueDate}
            required
            value={each.dueDate}
            error={messageAt(refusals, each.key, "dueDate")}
            onChange={(dueDate) => set(each.key, { dueDate })}
          />
          <AmountField
            label={t.amount}
            required
            value={each.amount}
            error={messageAt(refusals, each.key, "amount")}
            onChange={(amount) => set(each.key, { amount })}
          />
          <Button
            kind="quiet"
            className="term-remove"
            aria-label={t.removeInstalment(index + 1)}
            onClick={() => onChange({ instalments: instalments.toSpliced(index, 1) }, "instalments")}
          >
            ✕
          </Button>
        </div>
      ))}
      <ListError refusals={refusals} />
      {instalments.length < MOST_INSTALMENTS && (
        <Button onClick={() => onChange({ instalments: [...instalments, emptyInstalment()] }, "instalments")}>
          + {t.addInstalment}
        </Button>
      )}
    </fieldset>
  );
}

/** What is wrong with the whole list, such as its sum. */
function ListError({ refusals }: { refusals: Refusals }) {
  const error = messageAt(refusals);
  if (!error) return null;
  return (
    <p className="field-error" data-refusals tabIndex={-1}>
      {error}
    </p>
  );
}
