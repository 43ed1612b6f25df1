import { useEffect, useState } from "react";
import { useMutation, useQuery } from "urql";
import { useLocation, useSearchParams } from "wouter";
import { Button } from "@/components/Button";
import { DraftNotice, useDraftForm } from "@/components/DraftForm";
import { useToast } from "@/components/Toast";
import { useTitle } from "@/components/useTitle";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";
import { CHOSEN_CUSTOMER, CREATE_INVOICE } from "./documents";
import { type ChosenCustomer, emptyDraft, toInvoiceInput } from "./form";
import { InvoiceEditor } from "./InvoiceEditor";

const DRAFT = "new-invoice";

/** A new invoice; `?cliente=ID` in the address chooses its customer. */
export function NewInvoicePage() {
  const t = useMessages(invoices);
  const toast = useToast();
  const [, navigate] = useLocation();
  const [, createInvoice] = useMutation(CREATE_INVOICE);
  const [empty] = useState(emptyDraft);
  const form = useDraftForm(DRAFT, empty);
  const { setValue } = form;
  useTitle(t.list.create);
  useCustomerOfAddress((customer) => setValue((before) => ({ ...before, customer })));

  async function send(issue: boolean) {
    const { customer, fields } = form.value;
    const { data, error } = await createInvoice({
      input: { ...toInvoiceInput(fields), issue },
      customerId: customer?.kind === "existing" ? customer.id : null,
      newCustomer: customer?.kind === "new" ? customer.input : null,
      idempotencyKey: form.idempotencyKey,
    });
    if (!data) return { error };
    const { invoice, userErrors } = data.createInvoice;
    if (!invoice) return { refusals: userErrors };
    form.discard();
    toast(invoice.number ? t.issuedToast(invoice.number) : t.draftSaved);
    navigate(`/facturas/${invoice.id}`, { replace: true });
    return {};
  }

  return (
    <div className="page">
      <h1>{t.list.create}</h1>
      <DraftNotice form={form} hrefOf={(id) => `/facturas/${id}`} />
      <InvoiceEditor
        form={form}
        draftName={DRAFT}
        mayKeepNewCustomer
        send={send}
        cancelButton={
          <Button kind="quiet" onClick={form.startOver}>
            {t.discard}
          </Button>
        }
      />
    </div>
  );
}

/** Calls `choose` with the customer that the address names, and removes it from the address. */
function useCustomerOfAddress(choose: (customer: ChosenCustomer) => void): void {
  const [parameters, setParameters] = useSearchParams();
  const id = parameters.get("cliente");
  const [{ data }] = useQuery({ query: CHOSEN_CUSTOMER, variables: { id: id ?? "" }, pause: !id });
  const customer = data?.customer;
  useEffect(() => {
    if (!id || customer?.id !== id) return;
    choose({ kind: "existing", id, name: customer.name, identification: customer.identification });
    setParameters({}, { replace: true });
  }, [id, customer, choose, setParameters]);
}
