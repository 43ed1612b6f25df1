import { useState } from "react";
import { useMutation, useQuery } from "urql";
import { useLocation, useSearchParams } from "wouter";
import { DiscardButton, DraftNotice, useDraftForm } from "@/components/DraftForm";
import { Loading } from "@/components/states";
import { useToast } from "@/components/Toast";
import { useTitle } from "@/components/useTitle";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";
import { useViewer } from "@/layout/viewer";
import { readItem, writeItem } from "@/storage";
import { CHOSEN_CUSTOMER } from "./choiceDocuments";
import { CREATE_INVOICE, INVOICE } from "./documents";
import {
  emptyDraft,
  type InvoiceDraft,
  type InvoiceFields,
  toCopy,
  toInvoiceInput,
  withWarnings,
} from "./form";
import { InvoiceEditor } from "./InvoiceEditor";
import { readPoint, writePoint } from "./points";
import { useIssuedToast } from "./useIssuedToast";

/**
 * A new invoice. `?cliente=ID` in the address begins it for a customer, and `?copia=ID` with the customer and the lines of
 * another invoice. Each of these has a draft of its own.
 */
export function NewInvoicePage() {
  const t = useMessages(invoices);
  const [parameters] = useSearchParams();
  const customerId = parameters.get("cliente");
  const copiedId = parameters.get("copia");
  const [{ data: chosen, error: notChosen }] = useQuery({
    query: CHOSEN_CUSTOMER,
    variables: { id: customerId ?? "" },
    pause: !customerId,
  });
  const [{ data: copied, error: notCopied }] = useQuery({
    query: INVOICE,
    variables: { id: copiedId ?? "" },
    pause: !copiedId,
  });
  useTitle(t.list.create);
  if ((customerId && !chosen && !notChosen) || (copiedId && !copied && !notCopied)) return <Loading />;

  let begin = emptyDraft;
  if (copied?.invoice) begin = toCopy.bind(null, copied.invoice, copied.viewer.account.paymentMethod);
  else if (chosen?.customer) {
    const { id, name, identification, receiverType } = chosen.customer;
    const customer = { kind: "existing", id, name, identification, receiverType } as const;
    begin = () => ({ ...emptyDraft(), customer });
  }
  const name = copiedId ? `copy-${copiedId}` : (customerId ?? "any");
  return <NewInvoice key={name} draftName={`new-invoice-2.${name}`} begin={begin} />;
}

function NewInvoice({ draftName, begin }: { draftName: string; begin: () => InvoiceDraft }) {
  const t = useMessages(invoices);
  const issuedToast = useIssuedToast();
  const toast = useToast();
  const [, navigate] = useLocation();
  const [, createInvoice] = useMutation(CREATE_INVOICE);
  const [lastPoint, rememberPoint] = useLastPoint();
  const [initial] = useState(() => withPoint(begin(), lastPoint));
  const form = useDraftForm(draftName, initial);

  async function send(issue: boolean) {
    const { customer, fields, notify = true } = form.value;
    const { data, error } = await createInvoice({
      input: { ...toInvoiceInput(fields), issue },
      customerId: customer?.kind === "existing" ? customer.id : null,
      newCustomer: customer?.kind === "new" ? customer.input : null,
      notify,
      idempotencyKey: form.idempotencyKey,
    });
    if (!data) return { error };
    const { invoice, userErrors, warnings } = data.createInvoice;
    if (!invoice) return { refusals: userErrors };
    rememberPoint(fields);
    form.discard();
    toast(invoice.number ? withWarnings(issuedToast(invoice.number), warnings) : t.draftSaved);
    navigate(`/facturas/${invoice.id}`, { replace: true });
    return {};
  }

  return (
    <div className="page">
      <h1>{t.list.create}</h1>
      <DraftNotice form={form} />
      <InvoiceEditor
        form={form}
        draftName={draftName}
        mayKeepNewCustomer
        send={send}
        cancelButton={<DiscardButton form={form}>{t.discard}</DiscardButton>}
      />
    </div>
  );
}

type Point = Pick<InvoiceFields, "branch" | "billingPoint">;

/** The billing point that was used last in this browser, where the next invoice begins. */
function useLastPoint(): [Point, (point: Point) => void] {
  const key = `istmo.billing-point.${useViewer().account.id}`;
  return [
    readPoint(readItem(localStorage, key) ?? ""),
    (point) => point.billingPoint && writeItem(localStorage, key, writePoint(point)),
  ];
}

function withPoint(draft: InvoiceDraft, point: Point): InvoiceDraft {
  return draft.fields.billingPoint ? draft : { ...draft, fields: { ...draft.fields, ...point } };
}
