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
import { CorrectNote } from "./CorrectNote";
import { toCorrection, toCorrectionDraft, toRefusals } from "./correction";
import { DOCUMENT } from "./documents";
import { CORRECT_DOCUMENT } from "./fiscalDocuments";
import { Faults } from "./FiscalStory";
import { type Invoice, numberOf, withWarnings } from "./form";
import { InvoiceEditor } from "./InvoiceEditor";

/** Corrects a document that was rejected, and sends it again under its number. */
export function CorrectPage({ id }: { id: string }) {
  const t = useMessages(fiscal);
  const words = useMessages(invoices);
  const [{ data, error }, reload] = useQuery({
    query: DOCUMENT,
    variables: { id },
    requestPolicy: "network-only",
  });
  const document = data?.document;
  const name = words.documentNames[document?.documentType ?? "INVOICE"];
  const title = t.correctTitle(name, document ? numberOf(document) : "");
  useTitle(title);

  if (!data) return error ? <ErrorState error={error} onRetry={reload} /> : <Loading />;
  if (document?.fiscal.status !== "REJECTED") {
    return (
      <EmptyState title={document ? t.notRejected(name) : words.gone} heading="h1">
        <ButtonLink href={document ? `/facturas/${id}` : "/facturas"}>
          {document ? words.seeDocument(name) : words.backToList}
        </ButtonLink>
      </EmptyState>
    );
  }
  return (
    <div className="page">
      <h1>{title}</h1>
      {document.__typename === "Invoice" ? (
        <CorrectInvoice invoice={document} />
      ) : (
        <CorrectNote note={document} />
      )}
    </div>
  );
}

function CorrectInvoice({ invoice }: { invoice: Invoice }) {
  const t = useMessages(fiscal);
  const words = useMessages(common);
  const { documentNames } = useMessages(invoices);
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
    const { document: corrected, userErrors, warnings } = data.correctDocument;
    // What the customer lacks belongs to the customer's field.
    const placed = userErrors.map((each) => (each.relatedId ? { ...each, path: ["customerId"] } : each));
    if (!corrected) return { refusals: placed };
    form.discard();
    toast(withWarnings(t.corrected(documentNames[invoice.documentType]), warnings));
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
