import { useMutation } from "urql";
import { useLocation } from "wouter";
import { Button } from "@/components/Button";
import { DiscardButton, DraftForm, DraftFormEnd, DraftNotice, useDraftForm } from "@/components/DraftForm";
import { RequiredNote } from "@/components/Field";
import { useToast } from "@/components/Toast";
import { useTitle } from "@/components/useTitle";
import { atInput } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { customers } from "@/i18n/customers";
import { CREATE_CUSTOMER } from "./documents";
import { CustomerForm } from "./form/CustomerForm";
import { EMPTY_CUSTOMER, toCustomerInput } from "./form/convert";
import { useCurrentRefusals } from "./form/useCurrentRefusals";
import { useFieldRules } from "./form/useFieldRules";
import { useRegistryAnswer } from "./form/useRegistryAnswer";

export function NewCustomerPage() {
  const t = useMessages(customers);
  const words = useMessages(common);
  const toast = useToast();
  const [, navigate] = useLocation();
  const form = useDraftForm("new-customer", EMPTY_CUSTOMER);
  const { rules } = useFieldRules(form.value);
  const refusals = useCurrentRefusals(form.refusals, form.value);
  const registry = useRegistryAnswer();
  const [, createCustomer] = useMutation(CREATE_CUSTOMER);
  useTitle(t.list.create);

  async function save() {
    if (!rules) return {};
    const input = toCustomerInput(form.value, rules, registry.confirms(form.value));
    const { data, error } = await createCustomer({ input, idempotencyKey: form.idempotencyKey });
    if (!data) return { error };
    const { customer, userErrors } = data.createCustomer;
    if (!customer) return { refusals: atInput(userErrors) };
    form.discard();
    toast(t.created(customer.name));
    navigate(`/clientes/${customer.id}`, { replace: true });
    return {};
  }

  return (
    <div className="page narrow">
      <h1>{t.list.create}</h1>
      <DraftNotice form={form} />
      <DraftForm form={form} className="card form-card" onSubmit={() => form.submit(save)}>
        <RequiredNote />
        <CustomerForm
          isNew
          value={form.value}
          onChange={form.setValue}
          onLookup={registry.onLookup}
          refusals={refusals}
        />
        <DraftFormEnd form={form} refusals={refusals} hrefOf={(id) => `/clientes/${id}`}>
          <Button type="submit" kind="primary" busy={form.busy !== undefined}>
            {words.save}
          </Button>
          <DiscardButton form={form} onDiscarded={() => navigate("/clientes")}>
            {words.cancel}
          </DiscardButton>
        </DraftFormEnd>
      </DraftForm>
    </div>
  );
}
