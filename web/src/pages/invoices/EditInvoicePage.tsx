import { useState } from "react";
import { useClient, useMutation, useQuery } from "urql";
import { useLocation } from "wouter";
import { Button, ButtonLink } from "@/components/Button";
import { DraftNotice, useDraftForm } from "@/components/DraftForm";
import { EmptyState, ErrorState, Loading, Notice } from "@/components/states";
import { useToast } from "@/components/Toast";
import { useTitle } from "@/components/useTitle";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { invoices } from "@/i18n/invoices";
import { INVOICE, ISSUE_INVOICE, UPDATE_INVOICE } from "./documents";
import { type Invoice, toDraft, toInvoiceInput } from "./form";
import { InvoiceEditor } from "./InvoiceEditor";

/** Changes an invoice that is not issued yet. */
export function EditInvoicePage({ id }: { id: string }) {
  const t = useMessages(invoices);
  useTitle(t.editDraft);
  const client = useClient();
  const [{ data, error }] = useQuery({ query: INVOICE, variables: { id }, requestPolicy: "network-only" });
  const [reloads, setReloads] = useState(0);
  async function reload() {
    await client.query(INVOICE, { id }, { requestPolicy: "network-only" });
    setReloads(reloads + 1);
  }

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
      <EditInvoice key={reloads} invoice={invoice} onReload={reload} />
    </div>
  );
}

function EditInvoice({ invoice, onReload }: { invoice: Invoice; onReload: () => Promise<void> }) {
  const t = useMessages(invoices);
  const words = useMessages(common);
  const toast = useToast();
  const [, navigate] = useLocation();
  const [, updateInvoice] = useMutation(UPDATE_INVOICE);
  const [, issueInvoice] = useMutation(ISSUE_INVOICE);
  const { id } = invoice;
  const draftName = `invoice.${id}`;
  const [initial] = useState(() => toDraft(invoice));
  const form = useDraftForm(draftName, initial);
  const { version } = form.value;
  const [hasConflict, setConflict] = useState(
    form.isRestored && version !== null && version < invoice.version,
  );

  async function send(issue: boolean) {
    const { customer, fields } = form.value;
    if (customer?.kind !== "existing") return {};
    setConflict(false);
    const input = { ...toInvoiceInput(fields), customerId: customer.id };
    const updated = await updateInvoice({ id, input, version });
    if (!updated.data) return { error: updated.error };
    const { invoice: saved, userErrors } = updated.data.updateInvoice;
    if (userErrors.some(({ code }) => code === "CONFLICT")) {
      setConflict(true);
      return {};
    }
    if (!saved) return { refusals: userErrors };
    form.setValue((before) => ({ ...before, version: saved.version }));
    if (issue) {
      const { data, error } = await issueInvoice({ id });
      if (!data) return { error };
      const { invoice: issued, userErrors } = data.issueInvoice;
      // A draft that was saved can only be refused for what its customer lacks.
      if (!issued) return { refusals: userErrors.map((each) => ({ ...each, path: ["customerId"] })) };
      toast(t.issuedToast(issued.number ?? ""));
    } else {
      toast(t.draftSaved);
    }
    form.discard();
    navigate(`/facturas/${id}`, { replace: true });
    return {};
  }

  return (
    <>
      {hasConflict ? (
        <Notice kind="warning" role="alert">
          <p>{t.conflict}</p>
          <div className="actions">
            <Button
              onClick={() => {
                setConflict(false);
                form.setValue((before) => ({ ...before, version: null }));
              }}
            >
              {t.keepMine}
            </Button>
            <Button
              onClick={() => {
                form.discard();
                void onReload();
              }}
            >
              {t.takeTheirs}
            </Button>
          </div>
        </Notice>
      ) : (
        <DraftNotice form={form} hrefOf={(id) => `/facturas/${id}`} />
      )}
      <InvoiceEditor
        form={form}
        draftName={draftName}
        mayKeepNewCustomer={false}
        send={send}
        cancelButton={
          <Button
            kind="quiet"
            onClick={() => {
              form.discard();
              navigate(`/facturas/${id}`);
            }}
          >
            {words.cancel}
          </Button>
        }
      />
    </>
  );
}
