import { useEffect, useState } from "react";
import { useMutation, useQuery } from "urql";
import { useLocation, useSearchParams } from "wouter";
import { Button, ButtonLink } from "@/components/Button";
import { Notice } from "@/components/states";
import { useToast } from "@/components/Toast";
import { useTitle } from "@/components/useTitle";
import { useDraft } from "@/drafts";
import { useErrorText } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { invoices } from "@/i18n/invoices";
import { CHOSEN_CUSTOMER, CREATE_INVOICE } from "./documents";
import { type Chosen, emptyEditing, inputOf, randomKey } from "./form";
import { InvoiceEditor, type Sent } from "./InvoiceEditor";

/** A new invoice; `?cliente=ID` begins it with a customer. */
export function NewInvoicePage() {
  const t = useMessages(invoices);
  const [attempt, setAttempt] = useState(0);
  useTitle(t.newInvoice);
  return (
    <div className="page">
      <h1>{t.newInvoice}</h1>
      <NewInvoice key={attempt} onDiscarded={() => setAttempt(attempt + 1)} />
    </div>
  );
}

function NewInvoice({ onDiscarded }: { onDiscarded: () => void }) {
  const t = useMessages(invoices);
  const words = useMessages(common);
  const toast = useToast();
  const errorText = useErrorText();
  const [, navigate] = useLocation();
  const [, create] = useMutation(CREATE_INVOICE);
  const [empty] = useState(emptyEditing);
  const [value, setValue, forget, restored] = useDraft("invoice", empty);
  const [mismatch, setMismatch] = useState<string | null>();
  useCustomerOfAddress((customer) => setValue((before) => ({ ...before, customer })));

  function discard() {
    forget();
    onDiscarded();
  }

  async function send(issue: boolean): Promise<Sent | undefined> {
    const { customer, form, idempotencyKey } = value;
    if (!customer) return undefined;
    setMismatch(undefined);
    const { data, error } = await create({
      input: { ...inputOf(form), issue },
      customerId: customer.kind === "stored" ? customer.id : null,
      newCustomer: customer.kind === "new" ? customer.input : null,
      idempotencyKey,
    });
    if (!data) return { problem: error ? errorText(error) : words.unexpected };
    const { invoice, userErrors } = data.createInvoice;
    if (!invoice) {
      const stored = userErrors.find(({ code }) => code === "IDEMPOTENCY_MISMATCH");
      if (!stored) return { refusals: userErrors };
      setMismatch(stored.relatedId);
      return { refusals: [] };
    }
    forget();
    toast(invoice.number ? t.issuedNow(invoice.number) : t.stored);
    navigate(`/facturas/${invoice.id}`, { replace: true });
    return undefined;
  }

  return (
    <InvoiceEditor
      value={value}
      onChange={setValue}
      mayKeepNew
      send={send}
      notice={
        mismatch !== undefined ? (
          <Notice kind="warning" role="alert">
            <p>{t.mismatch}</p>
            <div className="actions">
              <ButtonLink href={mismatch ? `/facturas/${mismatch}` : "/facturas"}>{t.seeStored}</ButtonLink>
              <Button
                onClick={() => {
                  setMismatch(undefined);
                  setValue((before) => ({ ...before, idempotencyKey: randomKey() }));
                }}
              >
                {t.makeAnother}
              </Button>
            </div>
          </Notice>
        ) : (
          restored && <Notice>{t.restored}</Notice>
        )
      }
      cancel={
        <Button kind="quiet" onClick={discard}>
          {t.discard}
        </Button>
      }
    />
  );
}

function useCustomerOfAddress(choose: (customer: Chosen) => void): void {
  const [parameters, setParameters] = useSearchParams();
  const id = parameters.get("cliente");
  const [{ data }] = useQuery({ query: CHOSEN_CUSTOMER, variables: { id: id ?? "" }, pause: !id });
  const customer = data?.customer;
  useEffect(() => {
    if (!id || customer?.id !== id) return;
    choose({ kind: "stored", id, name: customer.name, identification: customer.identification });
    setParameters({}, { replace: true });
  }, [id, customer, choose, setParameters]);
}
