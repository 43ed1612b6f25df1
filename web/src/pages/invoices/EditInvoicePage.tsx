import { useState } from "react";
import { useClient, useMutation, useQuery } from "urql";
import { useLocation } from "wouter";
import { Button, ButtonLink } from "@/components/Button";
import { EmptyState, ErrorState, Loading, Notice } from "@/components/states";
import { useToast } from "@/components/Toast";
import { useTitle } from "@/components/useTitle";
import { useDraft } from "@/drafts";
import { useErrorText } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { invoices } from "@/i18n/invoices";
import { INVOICE, ISSUE_INVOICE, UPDATE_INVOICE } from "./documents";
import { editingOf, type Invoice, inputOf } from "./form";
import { InvoiceEditor, type Sent } from "./InvoiceEditor";

/** A draft, to be changed. */
export function EditInvoicePage({ id }: { id: string }) {
  const t = useMessages(invoices);
  useTitle(t.editDraft);
  const client = useClient();
  const [{ data, error }] = useQuery({ query: INVOICE, variables: { id }, requestPolicy: "network-only" });
  const [attempt, setAttempt] = useState(0);
  async function reload() {
    await client.query(INVOICE, { id }, { requestPolicy: "network-only" });
    setAttempt(attempt + 1);
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
      <EditInvoice key={attempt} draft={invoice} onReload={reload} />
    </div>
  );
}

function EditInvoice({ draft, onReload }: { draft: Invoice; onReload: () => void }) {
  const t = useMessages(invoices);
  const words = useMessages(common);
  const toast = useToast();
  const errorText = useErrorText();
  const [, navigate] = useLocation();
  const [, update] = useMutation(UPDATE_INVOICE);
  const [, issueInvoice] = useMutation(ISSUE_INVOICE);
  const [stored] = useState(() => editingOf(draft));
  const [value, setValue, forget, restored] = useDraft(`invoice.${draft.id}`, stored);
  const [conflict, setConflict] = useState(false);

  async function send(issue: boolean): Promise<Sent | undefined> {
    const { customer, form, version } = value;
    if (customer?.kind !== "stored") return undefined;
    setConflict(false);
    const input = { ...inputOf(form), customerId: customer.id };
    const { data, error } = await update({ id: draft.id, input, version });
    if (!data) return { problem: error ? errorText(error) : words.unexpected };
    const { invoice, userErrors } = data.updateInvoice;
    if (!invoice) {
      if (!userErrors.some(({ code }) => code === "CONFLICT")) return { refusals: userErrors };
      setConflict(true);
      return { refusals: [] };
    }
    setValue((before) => ({ ...before, version: invoice.version }));
    if (issue) {
      const { data, error } = await issueInvoice({ id: draft.id });
      if (!data) return { problem: error ? errorText(error) : words.unexpected };
      const issued = data.issueInvoice;
      // What keeps a draft from being issued is its customer's.
      if (!issued.invoice)
        return { refusals: issued.userErrors.map((each) => ({ ...each, path: ["customerId"] })) };
      toast(t.issuedNow(issued.invoice.number ?? ""));
    } else {
      toast(t.stored);
    }
    forget();
    navigate(`/facturas/${draft.id}`, { replace: true });
    return undefined;
  }

  function discard() {
    forget();
    onReload();
  }

  return (
    <InvoiceEditor
      value={value}
      onChange={setValue}
      mayKeepNew={false}
      send={send}
      notice={
        conflict || (restored && value.version !== null && value.version < draft.version) ? (
          <Notice kind="warning" role="alert">
            <p>{t.conflict}</p>
            <div className="actions">
              <Button
                onClick={() => {
                  setConflict(false);
                  setValue((before) => ({ ...before, version: null }));
                }}
              >
                {t.overwrite}
              </Button>
              <Button onClick={discard}>{t.loadTheirs}</Button>
            </div>
          </Notice>
        ) : (
          restored && <Notice>{t.restored}</Notice>
        )
      }
      cancel={
        <Button
          kind="quiet"
          onClick={() => {
            forget();
            navigate(`/facturas/${draft.id}`);
          }}
        >
          {words.cancel}
        </Button>
      }
    />
  );
}
