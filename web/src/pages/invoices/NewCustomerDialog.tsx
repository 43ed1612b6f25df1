import { useState } from "react";
import { useClient, useMutation } from "urql";
import { Button } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import { DraftForm, DraftFormEnd, useDiscard, useDraftForm } from "@/components/DraftForm";
import { RequiredNote } from "@/components/Field";
import { graphql } from "@/graphql";
import { atInput, type Refusals } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { customers } from "@/i18n/customers";
import { invoices } from "@/i18n/invoices";
import { CustomerForm } from "@/pages/customers/form/CustomerForm";
import { EMPTY_CUSTOMER, toCustomerInput } from "@/pages/customers/form/convert";
import { useCurrentRefusals } from "@/pages/customers/form/useCurrentRefusals";
import { useFieldRules } from "@/pages/customers/form/useFieldRules";
import { useRegistryAnswer } from "@/pages/customers/form/useRegistryAnswer";
import type { CustomerFormValue } from "@/pages/customers/form/values";
import { CHOSEN_CUSTOMER } from "./choiceDocuments";
import type { CustomerOption } from "./CustomerCombobox";
import type { ChosenCustomer } from "./form";

const CREATE_CUSTOMER = graphql(/* GraphQL */ `
  mutation CreateCustomerOfInvoice($input: CustomerInput!, $dryRun: Boolean!, $idempotencyKey: String!) {
    createCustomer(input: $input, dryRun: $dryRun, idempotencyKey: $idempotencyKey) {
      customer {
        id
        name
        identification
        receiverType
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

/**
 * A new customer for an invoice. It is saved at once, or only checked and then saved along with the invoice. The form
 * begins with what was entered before, or with the text that found no customer. Cancelling forgets what was typed.
 */
export function NewCustomerDialog({
  draftName,
  begun,
  search,
  refusals: refused,
  mayKeep,
  onChosen,
  onClose,
}: {
  draftName: string;
  /** The customer that was entered here before, to change it. */
  begun: CustomerFormValue | null;
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
  const [initial] = useState(begun ?? { ...EMPTY_CUSTOMER, ...readSearch(search) });
  const form = useDraftForm(draftName, initial, refused);
  const refusals = useCurrentRefusals(form.refusals, form.value);
  const registry = useRegistryAnswer();
  const { discard, dialog } = useDiscard(form, onClose);
  const { rules } = useFieldRules(form.value);
  const [, createCustomer] = useMutation(CREATE_CUSTOMER);

  async function send(keep: boolean) {
    if (!rules) return {};
    const input = toCustomerInput(form.value, rules, registry.confirms(form.value));
    const { data, error } = await createCustomer({
      input,
      dryRun: keep,
      idempotencyKey: form.idempotencyKey,
    });
    if (!data) return { error };
    const { customer, userErrors } = data.createCustomer;
    if (!customer) return { refusals: atInput(userErrors) };
    if (!keep) chooseExisting(customer);
    else choose({ kind: "new", input, value: form.value });
    return {};
  }

  function choose(chosen: ChosenCustomer) {
    form.discard();
    onChosen(chosen);
  }

  function chooseExisting({ id, name, identification, receiverType }: CustomerOption) {
    choose({ kind: "existing", id, name, identification, receiverType });
  }

  async function useExisting(id: string) {
    const { data } = await client.query(CHOSEN_CUSTOMER, { id });
    if (data?.customer) chooseExisting(data.customer);
  }

  return (
    <Dialog title={customerWords.list.create} wide onClose={discard}>
      <DraftForm form={form} className="dialog-form" onSubmit={() => form.submit(() => send(mayKeep))}>
        <RequiredNote />
        <CustomerForm
          isNew={begun === null}
          value={form.value}
          onChange={form.setValue}
          refusals={refusals}
          onUseExisting={useExisting}
          onLookup={registry.onLookup}
          looksUpAtOnce={begun === null && !form.isRestored && initial.ruc !== ""}
        />
        <p className="muted small">{mayKeep && t.keepHint}</p>
        <DraftFormEnd form={form} refusals={refusals} hrefOf={(id) => `/clientes/${id}`}>
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
          <Button kind="quiet" onClick={discard}>
            {words.cancel}
          </Button>
        </DraftFormEnd>
      </DraftForm>
      {dialog}
    </Dialog>
  );
}

/** Digits are a phone number of Panama or a RUC; a name has hardly ever any. */
function readSearch(search: string): Partial<Pick<CustomerFormValue, "name" | "ruc" | "phone" | "mobile">> {
  const text = search.trim();
  if (/^(\+507)?\s?6\d{3}[\s-]?\d{4}$/.test(text)) return { mobile: text };
  if (/^(\+507)?\s?\d{3}[\s-]?\d{4}$/.test(text)) return { phone: text };
  return /\d/.test(text) ? { ruc: text } : { name: text };
}
