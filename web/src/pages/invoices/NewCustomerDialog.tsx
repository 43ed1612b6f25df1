import { useState } from "react";
import { useClient, useMutation } from "urql";
import { Button } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import { DraftForm, DraftFormEnd, DraftNotice, useDraftForm } from "@/components/DraftForm";
import { RequiredNote } from "@/components/Field";
import { graphql } from "@/graphql";
import { atInput, type Refusals } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { customers } from "@/i18n/customers";
import { invoices } from "@/i18n/invoices";
import { CustomerForm } from "@/pages/customers/form/CustomerForm";
import { EMPTY_CUSTOMER, toCustomerInput } from "@/pages/customers/form/convert";
import { useFieldRules } from "@/pages/customers/form/useFieldRules";
import { CHOSEN_CUSTOMER } from "./documents";
import type { ChosenCustomer } from "./form";

const CREATE_CUSTOMER = graphql(/* GraphQL */ `
  mutation CreateCustomerOfInvoice($input: CustomerInput!, $dryRun: Boolean!, $idempotencyKey: String!) {
    createCustomer(input: $input, dryRun: $dryRun, idempotencyKey: $idempotencyKey) {
      customer {
        id
        name
        identification
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

/**
 * A new customer for an invoice. It is saved at once, or only checked and then saved along with the invoice. `search` is the
 * text that found no customer: it begins the form.
 */
export function NewCustomerDialog({
  draftName,
  search,
  refusals,
  mayKeep,
  onChosen,
  onClose,
}: {
  draftName: string;
  search: string;
  /** What was refused about the customer when the invoice was sent. */
  refusals: Refusals;
  /** Whether the customer may be saved along with the invoice. */
  mayKeep: boolean;
  onChosen: (chosen: ChosenCustomer) => void;
  onClose: () => void;
}) {
  const t = useMessages(invoices);
  const words = useMessages(common);
  const customerWords = useMessages(customers);
  const client = useClient();
  const [initial] = useState({ ...EMPTY_CUSTOMER, ...readSearch(search) });
  const form = useDraftForm(draftName, initial, refusals);
  const { rules } = useFieldRules(form.value);
  const [, createCustomer] = useMutation(CREATE_CUSTOMER);

  async function send(keep: boolean) {
    if (!rules) return {};
    const input = toCustomerInput(form.value, rules);
    const { data, error } = await createCustomer({
      input,
      dryRun: keep,
      idempotencyKey: form.idempotencyKey,
    });
    if (!data) return { error };
    const { customer, userErrors } = data.createCustomer;
    if (!customer) return { refusals: atInput(userErrors) };
    if (keep) onChosen({ kind: "new", input });
    else chooseExisting(customer);
    return {};
  }

  function chooseExisting(customer: { id: string; name: string; identification: string }) {
    const { id, name, identification } = customer;
    form.discard();
    onChosen({ kind: "existing", id, name, identification });
  }

  async function useExisting(id: string) {
    const { data } = await client.query(CHOSEN_CUSTOMER, { id });
    if (data?.customer) chooseExisting(data.customer);
  }

  return (
    <Dialog title={customerWords.list.create} wide onClose={onClose}>
      {form.mismatch && <DraftNotice form={form} hrefOf={(id) => `/clientes/${id}`} />}
      <DraftForm form={form} className="dialog-form" onSubmit={() => form.submit(() => send(mayKeep))}>
        <RequiredNote />
        <CustomerForm
          value={form.value}
          onChange={form.setValue}
          refusals={form.refusals}
          onUseExisting={useExisting}
        />
        <DraftFormEnd form={form}>
          {mayKeep && (
            <Button type="submit" kind="primary" busy={form.busy !== undefined}>
              {t.keepWithInvoice}
            </Button>
          )}
          <Button
            type={mayKeep ? "button" : "submit"}
            kind={mayKeep ? "secondary" : "primary"}
            busy={form.busy !== undefined}
            onClick={mayKeep ? () => form.submit(() => send(false)) : undefined}
          >
            {t.saveCustomerNow}
          </Button>
          <Button kind="quiet" onClick={onClose}>
            {words.cancel}
          </Button>
        </DraftFormEnd>
      </DraftForm>
    </Dialog>
  );
}

/** A RUC has digits, and a name hardly ever. */
function readSearch(search: string): { name?: string; ruc?: string } {
  const text = search.trim();
  if (!text) return {};
  return /\d/.test(text) ? { ruc: text } : { name: text };
}
