import { useQuery } from "urql";
import { useLocation } from "wouter";
import { Button } from "@/components/Button";
import { DiscardButton, DraftForm, DraftFormEnd, DraftNotice } from "@/components/DraftForm";
import { RequiredNote } from "@/components/Field";
import { ErrorState, Loading } from "@/components/states";
import { useToast } from "@/components/Toast";
import { useTitle } from "@/components/useTitle";
import type { EditableCustomerFragment } from "@/graphql";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { customers } from "@/i18n/customers";
import { NotFoundPage } from "@/pages/NotFoundPage";
import { CUSTOMER } from "./documents";
import { CustomerForm } from "./form/CustomerForm";
import { useCustomerEdit } from "./useCustomerEdit";

export function EditCustomerPage({ id }: { id: string }) {
  const [{ data, error }, reload] = useQuery({
    query: CUSTOMER,
    variables: { id },
    requestPolicy: "network-only",
  });
  if (error) return <ErrorState error={error} onRetry={reload} />;
  if (!data) return <Loading />;
  if (!data.customer) return <NotFoundPage />;
  return <EditCustomer customer={data.customer} />;
}

function EditCustomer({ customer }: { customer: EditableCustomerFragment }) {
  const t = useMessages(customers);
  const words = useMessages(common);
  const toast = useToast();
  const [, navigate] = useLocation();
  const href = `/clientes/${customer.id}`;
  const { form, value, onChange, refusals, save, conflict } = useCustomerEdit(customer, () => {
    toast(t.saved);
    navigate(href, { replace: true });
  });
  useTitle(t.editTitle(customer.name));
  return (
    <div className="page narrow">
      <h1>{t.editTitle(customer.name)}</h1>
      <DraftNotice form={form} />
      <DraftForm form={form} className="card form-card" onSubmit={save}>
        <RequiredNote />
        <CustomerForm value={value} onChange={onChange} refusals={refusals} editedId={customer.id} />
        <DraftFormEnd form={form} refusals={refusals} hrefOf={() => href}>
          <Button type="submit" kind="primary" busy={form.busy !== undefined}>
            {words.save}
          </Button>
          <DiscardButton form={form} onDiscarded={() => navigate(href)}>
            {words.cancel}
          </DiscardButton>
        </DraftFormEnd>
      </DraftForm>
      {conflict}
    </div>
  );
}
