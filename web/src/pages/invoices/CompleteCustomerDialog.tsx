import { useQuery } from "urql";
import { Button } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import { DraftForm, DraftFormEnd, useDiscard } from "@/components/DraftForm";
import { RequiredNote } from "@/components/Field";
import { ErrorState, Loading } from "@/components/states";
import { useToast } from "@/components/Toast";
import type { EditableCustomerFragment } from "@/graphql";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { customers } from "@/i18n/customers";
import { CUSTOMER } from "@/pages/customers/documents";
import { CustomerForm } from "@/pages/customers/form/CustomerForm";
import { useCustomerEdit } from "@/pages/customers/useCustomerEdit";

/** Completes what the customer of an invoice lacks, without leaving the invoice. */
export function CompleteCustomerDialog({
  id,
  onSaved,
  onClose,
}: {
  id: string;
  onSaved: () => void;
  onClose: () => void;
}) {
  const t = useMessages(customers);
  const [{ data, error }, reload] = useQuery({
    query: CUSTOMER,
    variables: { id },
    requestPolicy: "network-only",
  });
  if (data?.customer)
    return <CompleteCustomer customer={data.customer} onSaved={onSaved} onClose={onClose} />;
  return (
    <Dialog title={t.data} onClose={onClose}>
      {error ? <ErrorState error={error} onRetry={reload} /> : <Loading />}
    </Dialog>
  );
}

function CompleteCustomer({
  customer,
  onSaved,
  onClose,
}: {
  customer: EditableCustomerFragment;
  onSaved: () => void;
  onClose: () => void;
}) {
  const t = useMessages(customers);
  const words = useMessages(common);
  const toast = useToast();
  const { form, value, onChange, refusals, save, conflict } = useCustomerEdit(customer, () => {
    toast(t.saved);
    onSaved();
    onClose();
  });
  const { discard, dialog } = useDiscard(form, onClose);
  return (
    <Dialog title={t.editTitle(customer.name)} wide onClose={discard}>
      <DraftForm form={form} className="dialog-form" onSubmit={save}>
        <RequiredNote />
        <CustomerForm value={value} onChange={onChange} refusals={refusals} editedId={customer.id} />
        <DraftFormEnd form={form} refusals={refusals} hrefOf={(id) => `/clientes/${id}`}>
          <Button type="submit" kind="primary" busy={form.busy !== undefined}>
            {words.save}
          </Button>
          <Button kind="quiet" onClick={discard}>
            {words.cancel}
          </Button>
        </DraftFormEnd>
      </DraftForm>
      {dialog}
      {conflict}
    </Dialog>
  );
}
