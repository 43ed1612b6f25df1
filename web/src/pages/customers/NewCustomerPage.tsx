import { type FormEvent, useRef, useState } from "react";
import { useMutation } from "urql";
import { useLocation } from "wouter";
import { Button } from "@/components/Button";
import { FailureNotice } from "@/components/FailureNotice";
import { RequiredNote } from "@/components/Field";
import { RefusalsNotice } from "@/components/RefusalsNotice";
import { Notice } from "@/components/states";
import { useToast } from "@/components/Toast";
import { useTitle } from "@/components/useTitle";
import { idempotencyKey, useDraft } from "@/drafts";
import { below, type Refusals, useFocusOnRefusal } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { customers } from "@/i18n/customers";
import { CREATE_CUSTOMER } from "./documents";
import { CustomerForm } from "./form/CustomerForm";
import { useCustomerFields } from "./form/useCustomerFields";
import { EMPTY_CUSTOMER, toCustomerInput } from "./form/values";

const DRAFT = "customer";

export function NewCustomerPage() {
  const t = useMessages(customers);
  const words = useMessages(common);
  const toast = useToast();
  const [, navigate] = useLocation();
  const [value, setValue, forget, restored] = useDraft(DRAFT, EMPTY_CUSTOMER);
  const { fields } = useCustomerFields(value);
  const [{ fetching, error }, create] = useMutation(CREATE_CUSTOMER);
  const [refusals, setRefusals] = useState<Refusals>([]);
  const form = useRef<HTMLFormElement>(null);
  useFocusOnRefusal(form, refusals);
  useTitle(t.newCustomer);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (!fields || fetching) return;
    const input = toCustomerInput(value, fields);
    const { data } = await create({ input, idempotencyKey: idempotencyKey(DRAFT, input) });
    if (!data) return;
    const { customer, userErrors } = data.createCustomer;
    setRefusals(below(userErrors, "input"));
    if (!customer) return;
    forget();
    toast(t.created(customer.name));
    navigate(`/clientes/${customer.id}`, { replace: true });
  }

  return (
    <div className="page narrow">
      <h1>{t.newCustomer}</h1>
      {restored && (
        <Notice>
          <p className="notice-line">
            {t.draftRestored}
            <Button
              onClick={() => {
                forget();
                setRefusals([]);
              }}
            >
              {t.startOver}
            </Button>
          </p>
        </Notice>
      )}
      <form ref={form} noValidate onSubmit={submit} className="card form-card">
        <RequiredNote />
        <CustomerForm value={value} onChange={setValue} errors={refusals} />
        <RefusalsNotice refusals={refusals} />
        <FailureNotice error={error} />
        <div className="actions">
          <Button type="submit" kind="primary" busy={fetching}>
            {words.save}
          </Button>
          <Button
            kind="quiet"
            onClick={() => {
              forget();
              navigate("/clientes");
            }}
          >
            {words.cancel}
          </Button>
        </div>
      </form>
    </div>
  );
}
