import { useState } from "react";
import { useMutation, useQuery } from "urql";
import { useLocation } from "wouter";
import { ButtonLink } from "@/components/Button";
import { DiscardButton, DraftNotice, useDraftForm } from "@/components/DraftForm";
import { EmptyState, ErrorState, Loading, Notice } from "@/components/states";
import { useToast } from "@/components/Toast";
import { useTitle } from "@/components/useTitle";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { fiscal } from "@/i18n/fiscal";
import { invoices } from "@/i18n/invoices";
import { toCorrection, toCorrectionDraft, toRefusals } from "./correction";
import { CORRECT_DOCUMENT, INVOICE } from "./documents";
import { Faults } from "./FiscalStory";
import { type Invoice, withWarnings } from "./form";
import { InvoiceEditor } from "./InvoiceEditor";

/** Corrects an invoice that was rejected, and sends it again under its number. */
export function CorrectInvoicePage({ id }: { id: string }) {
  const t = useMessages(fiscal);
  const words = useMessages(invoices);
  const [{ data, error }, reload] = useQuery({
    query: INVOICE,
    variables: { id },
    requestPolicy: "network-only",
  });
  const invoice = data?.invoice;
  const title = t.correctTitle(invoice?.number ? `${invoice.billingPoint}-${invoice.number}` : "");
  useTitle(title);

  if (!data) return error ? <ErrorState error={error} onRetry={reload} /> : <Loading />;
  if (invoice?.fiscal.status !== "REJECTED") {
    return (
      <EmptyState title={invoice ? t.notRejected : words.gone} heading="h1">
        <ButtonLink href={invoice ? `/facturas/${id}` : "/facturas"}>
          {invoice ? words.seeInvoice : words.backToList}
        </ButtonLink>
      </EmptyState>
    );
  }
  return (
    <div className="page">
      <h1>{title}</h1>
      <CorrectInvoice invoice={invoice} />
    </div>
  );
}

function CorrectInvoice({ invoice }: { invoice: Invoice }) {
  const t = useMessages(fiscal);
  const words = useMessages(common);
  const toast = useToast();
  const [, navigate] = useLocation();
  const [, correct] = useMutation(CORRECT_DOCUMENT);
  const { id } = invoice;
  const [initial] = useState(() => toCorrectionDraft(invoice));
  const [refused] = useState(() => toRefusals(invoice.fiscal.faults, initial, invoice.customer.id));
  const draftName = `correction.${id}.${invoice.version}`;
  const form = useDraftForm(draftName, initial, refused);
  const wrong = invoice.fiscal.faults.filter(({ notice }) => !notice);

  async function send() {
    const { data, error } = await correct({
      id,
      input: toCorrection(form.value),
      version: invoice.version,
      idempotencyKey: form.idempotencyKey,
    });
    if (!data) return { error };
    const { invoice: corrected, userErrors, warnings } = data.correctDocument;
    // What the customer lacks belongs to the customer's field.
    const placed = userErrors.map((each) => (each.relatedId ? { ...each, path: ["customerId"] } : each));
    if (!corrected) return { refusals: placed };
    form.discard();
    toast(withWarnings(t.corrected, warnings));
    navigate(`/facturas/${id}`, { replace: true });
    return {};
  }

  return (
    <>
      <Notice kind="danger">
        <p>
          <strong>{t.texts.REJECTED}</strong> {t.correctText}
        </p>
        <Faults title={t.faults} faults={wrong} />
      </Notice>
      <DraftNotice form={form} />
      <InvoiceEditor
        form={form}
        draftName={draftName}
        mayKeepNewCustomer={false}
        isCorrection
        send={send}
        cancelButton={
          <DiscardButton form={form} onDiscarded={() => navigate(`/facturas/${id}`)}>
            {words.cancel}
          </DiscardButton>
        }
      />
    </>
  );
}
