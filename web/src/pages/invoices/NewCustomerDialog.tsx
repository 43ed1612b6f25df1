import { type Dispatch, type FormEvent, type SetStateAction, useRef, useState } from "react";
import { useClient, useMutation } from "urql";
import { Button } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import { RequiredNote } from "@/components/Field";
import { RefusalsNotice } from "@/components/RefusalsNotice";
import { Notice } from "@/components/states";
import { idempotencyKey } from "@/drafts";
import { graphql } from "@/graphql";
import { below, type Refusals, useErrorText, useFocusOnRefusal } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { invoices } from "@/i18n/invoices";
import { CustomerForm } from "@/pages/customers/form/CustomerForm";
import { useCustomerFields } from "@/pages/customers/form/useCustomerFields";
import { type CustomerFormValue, toCustomerInput } from "@/pages/customers/form/values";
import { CHOSEN_CUSTOMER } from "./documents";
import type { Chosen } from "./form";

const STORE_CUSTOMER = graphql(/* GraphQL */ `
  mutation StoreCustomerOfInvoice($input: CustomerInput!, $dryRun: Boolean!, $key: String!) {
    createCustomer(input: $input, dryRun: $dryRun, idempotencyKey: $key) {
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
 * A new customer from within an invoice: kept with the invoice, after a look at whether it is right, and stored together
 * with it; or stored at once.
 */
export function NewCustomerDialog({
  value,
  onChange,
  refusals: refusalsOfInvoice,
  mayKeep,
  onChosen,
  onClose,
}: {
  value: CustomerFormValue;
  onChange: Dispatch<SetStateAction<CustomerFormValue>>;
  /** What was refused of it when the invoice was sent. */
  refusals: Refusals;
  mayKeep: boolean;
  onChosen: (chosen: Chosen) => void;
  onClose: () => void;
}) {
  const t = useMessages(invoices);
  const words = useMessages(common);
  const client = useClient();
  const errorText = useErrorText();
  const { fields } = useCustomerFields(value);
  const [{ fetching, error }, store] = useMutation(STORE_CUSTOMER);
  const [refusals, setRefusals] = useState(refusalsOfInvoice);
  const form = useRef<HTMLFormElement>(null);
  useFocusOnRefusal(form, refusals);

  async function send(keep: boolean) {
    if (!fields || fetching) return;
    const input = toCustomerInput(value, fields);
    const { data } = await store({ input, dryRun: keep, key: idempotencyKey("invoice.customer", input) });
    if (!data) return;
    const { customer, userErrors } = data.createCustomer;
    setRefusals(below(userErrors, "input"));
    if (!customer) return;
    onChosen(keep ? { kind: "new", input } : { kind: "stored", ...customer });
  }

  async function chooseExisting(id: string) {
    const { data } = await client.query(CHOSEN_CUSTOMER, { id });
    if (data?.customer) onChosen({ kind: "stored", ...data.customer });
  }

  const problem = error && errorText(error);
  return (
    <Dialog title={t.newCustomer} wide onClose={onClose}>
      <form
        ref={form}
        noValidate
        className="dialog-form"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          void send(mayKeep);
        }}
      >
        <RequiredNote />
        <CustomerForm value={value} onChange={onChange} errors={refusals} onUseExisting={chooseExisting} />
        <RefusalsNotice refusals={refusals} />
        {problem && (
          <Notice kind="danger" role="alert">
            {problem}
          </Notice>
        )}
        <div className="actions">
          {mayKeep && (
            <Button type="submit" kind="primary" busy={fetching}>
              {t.keepWithInvoice}
            </Button>
          )}
          <Button
            type={mayKeep ? "button" : "submit"}
            kind={mayKeep ? "secondary" : "primary"}
            busy={fetching}
            onClick={mayKeep ? () => send(false) : undefined}
          >
            {t.saveCustomerAlone}
          </Button>
          <Button kind="quiet" onClick={onClose}>
            {words.cancel}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
