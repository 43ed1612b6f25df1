import { useState } from "react";
import { useClient, useMutation, useQuery } from "urql";
import { useLocation } from "wouter";
import { Button } from "@/components/Button";
import { DraftForm, DraftFormEnd, DraftNotice, useDraftForm } from "@/components/DraftForm";
import { RequiredNote } from "@/components/Field";
import { ErrorState, Loading } from "@/components/states";
import { useToast } from "@/components/Toast";
import { useTitle } from "@/components/useTitle";
import type { EditableCustomerFragment } from "@/graphql";
import { atInput } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { customers } from "@/i18n/customers";
import { NotFoundPage } from "@/pages/NotFoundPage";
import { Conflict } from "./Conflict";
import { CUSTOMER, UPDATE_CUSTOMER } from "./documents";
import { CustomerForm } from "./form/CustomerForm";
import { fromCustomer, toCustomerInput, toCustomerPatch } from "./form/convert";
import { useFieldRules } from "./form/useFieldRules";

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

/** Begins with `customer`; changes that others make meanwhile are found when this is saved. */
function EditCustomer({ customer }: { customer: EditableCustomerFragment }) {
  const t = useMessages(customers);
  const words = useMessages(common);
  const toast = useToast();
  const client = useClient();
  const [, navigate] = useLocation();
  const [, updateCustomer] = useMutation(UPDATE_CUSTOMER);
  const form = useDraftForm(`customer.${customer.id}`, {
    version: customer.version,
    base: fromCustomer(customer),
    value: fromCustomer(customer),
  });
  const { base, value, version } = form.value;
  const { rules } = useFieldRules(value);
  const [theirs, setTheirs] = useState<EditableCustomerFragment>();
  const href = `/clientes/${customer.id}`;
  useTitle(t.editTitle(customer.name));

  async function save(version: number) {
    if (!rules) return {};
    const before = toCustomerInput(base, new Map());
    const input = toCustomerPatch(before, toCustomerInput(value, rules));
    const { data, error } = await updateCustomer({ id: customer.id, input, version });
    if (!data) return { error };
    const { userErrors } = data.updateCustomer;
    if (userErrors.some(({ code }) => code === "CONFLICT")) {
      const current = await client.query(CUSTOMER, { id: customer.id }, { requestPolicy: "network-only" });
      setTheirs(current.data?.customer ?? undefined);
      return { error: current.error };
    }
    if (userErrors.length) return { refusals: atInput(userErrors) };
    form.discard();
    toast(t.saved);
    navigate(href, { replace: true });
    return {};
  }

  function keepMine(theirs: EditableCustomerFragment) {
    setTheirs(undefined);
    form.setValue((before) => ({ ...before, version: theirs.version }));
    void form.submit(() => save(theirs.version));
  }

  function takeTheirs(theirs: EditableCustomerFragment) {
    setTheirs(undefined);
    form.startOver();
    form.setValue({ version: theirs.version, base: fromCustomer(theirs), value: fromCustomer(theirs) });
  }

  return (
    <div className="page narrow">
      <h1>{t.editTitle(customer.name)}</h1>
      <DraftNotice form={form} hrefOf={() => href} />
      <DraftForm form={form} className="card form-card" onSubmit={() => form.submit(() => save(version))}>
        <RequiredNote />
        <CustomerForm
          value={value}
          onChange={(change) => form.setValue((before) => ({ ...before, value: change(before.value) }))}
          refusals={form.refusals}
          editedId={customer.id}
        />
        <DraftFormEnd form={form}>
          <Button type="submit" kind="primary" busy={form.busy !== undefined}>
            {words.save}
          </Button>
          <Button
            kind="quiet"
            onClick={() => {
              form.discard();
              navigate(href);
            }}
          >
            {words.cancel}
          </Button>
        </DraftFormEnd>
      </DraftForm>
      {theirs && (
        <Conflict
          base={base}
          mine={value}
          theirs={fromCustomer(theirs)}
          onMine={() => keepMine(theirs)}
          onTheirs={() => takeTheirs(theirs)}
          onClose={() => setTheirs(undefined)}
        />
      )}
    </div>
  );
}
