import { useState } from "react";
import { useClient, useMutation, useQuery } from "urql";
import { useLocation } from "wouter";
import { ButtonLink } from "@/components/Button";
import { Conflict } from "@/components/Conflict";
import { DiscardButton, DraftNotice, useDraftForm } from "@/components/DraftForm";
import { EmptyState, ErrorState, Loading } from "@/components/states";
import { useToast } from "@/components/Toast";
import { useTitle } from "@/components/useTitle";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { invoices } from "@/i18n/invoices";
import { useConflictRows } from "./conflictRows";
import { INVOICE, ISSUE_INVOICE, UPDATE_INVOICE } from "./documents";
import {
  type Invoice,
  type InvoiceDraft,
  toDraft,
  toInvoiceInput,
  toInvoicePatch,
  withWarnings,
} from "./form";
import { InvoiceEditor } from "./InvoiceEditor";
import { useIssuedToast } from "./useIssuedToast";

/** Changes an invoice that is not issued yet. */
export function EditInvoicePage({ id }: { id: string }) {
  const t = useMessages(invoices);
  useTitle(t.editDraft);
  const [{ data, error }, reload] = useQuery({
    query: INVOICE,
    variables: { id },
    requestPolicy: "network-only",
  });

  if (!data) return error ? <ErrorState error={error} onRetry={reload} /> : <Loading />;
  const { invoice } = data;
  if (invoice?.status !== "DRAFT") {
    return (
      <EmptyState title={invoice ? t.notDraft : t.gone} heading="h1">
        {!invoice && <p>{t.goneHint}</p>}
        <ButtonLink href={invoice ? `/facturas/${id}` : "/facturas"}>
          {invoice ? t.seeInvoice : t.backToList}
        </ButtonLink>
      </EmptyState>
    );
  }
  return (
    <div className="page">
      <h1>{t.editDraft}</h1>
      <EditInvoice invoice={invoice} />
    </div>
  );
}

/** Begins with `invoice`; changes that others make meanwhile are found when this is saved. */
function EditInvoice({ invoice }: { invoice: Invoice }) {
  const t = useMessages(invoices);
  const words = useMessages(common);
  const issuedToast = useIssuedToast();
  const toast = useToast();
  const client = useClient();
  const [, navigate] = useLocation();
  const [, updateInvoice] = useMutation(UPDATE_INVOICE);
  const [, issueInvoice] = useMutation(ISSUE_INVOICE);
  const { id } = invoice;
  const draftName = `invoice-2.${id}`;
  const [initial] = useState(() => toDraft(invoice));
  const form = useDraftForm(draftName, initial);
  const version = form.value.edited?.version ?? invoice.version;
  const [theirs, setTheirs] = useState(form.isRestored && version < invoice.version ? invoice : undefined);
  const conflictRows = useConflictRows();

  async function send(version: number, issue: boolean) {
    const { data, error } = await updateInvoice({ id, input: toPatch(form.value), version });
    if (!data) return { error };
    const { invoice: saved, userErrors } = data.updateInvoice;
    if (userErrors.some(({ code }) => code === "CONFLICT")) {
      const current = await client.query(INVOICE, { id }, { requestPolicy: "network-only" });
      setTheirs(current.data?.invoice ?? undefined);
      return { error: current.error };
    }
    if (!saved) return { refusals: userErrors };
    form.setValue((before) => ({ ...before, edited: toEdited(before, saved.version) }));
    if (issue) {
      const { data, error } = await issueInvoice({
        id,
        version: saved.version,
        notify: form.value.notify ?? true,
      });
      if (!data) return { error };
      const { invoice: issued, userErrors, warnings } = data.issueInvoice;
      // What the customer lacks belongs to the customer's field.
      const placed = userErrors.map((each) => (each.relatedId ? { ...each, path: ["customerId"] } : each));
      if (!issued) return { refusals: placed };
      toast(withWarnings(issuedToast(issued.number ?? ""), warnings));
    } else {
      toast(t.draftSaved);
    }
    form.discard();
    navigate(`/facturas/${id}`, { replace: true });
    return {};
  }

  function keepMine(theirs: Invoice) {
    setTheirs(undefined);
    void form.submit(() => send(theirs.version, false), "draft");
  }

  function takeTheirs(theirs: Invoice) {
    setTheirs(undefined);
    form.startOver();
    form.setValue(toDraft(theirs));
  }

  return (
    <>
      <DraftNotice form={form} />
      <InvoiceEditor
        form={form}
        draftName={draftName}
        mayKeepNewCustomer={false}
        send={(issue) => send(version, issue)}
        cancelButton={
          <DiscardButton form={form} onDiscarded={() => navigate(`/facturas/${id}`)}>
            {words.cancel}
          </DiscardButton>
        }
      />
      {theirs && (
        <Conflict
          title={t.conflictTitle}
          rows={conflictRows(form.value.edited ?? initial, form.value, toDraft(theirs))}
          onMine={() => keepMine(theirs)}
          onTheirs={() => takeTheirs(theirs)}
          onClose={() => setTheirs(undefined)}
        />
      )}
    </>
  );
}

/** What was changed, so that another person's changes to other fields stay. */
function toPatch({ edited, fields, customer }: InvoiceDraft) {
  const input = (from: Pick<InvoiceDraft, "fields" | "customer">) => ({
    ...toInvoiceInput(from.fields),
    ...(from.customer?.kind === "existing" && { customerId: from.customer.id }),
  });
  return edited ? toInvoicePatch(input(edited), input({ fields, customer })) : input({ fields, customer });
}

/** What was just saved, as the version that is edited from now on. */
function toEdited({ fields, customer }: InvoiceDraft, version: number): InvoiceDraft["edited"] {
  return customer && { version, fields, customer };
}
