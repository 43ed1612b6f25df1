import { type ReactNode, useState } from "react";
import { useClient, useMutation } from "urql";
import { Conflict } from "@/components/Conflict";
import { type DraftFormState, useDraftForm } from "@/components/DraftForm";
import type { EditableCustomerFragment } from "@/graphql";
import { atInput, type Refusals } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { CUSTOMER, UPDATE_CUSTOMER } from "./documents";
import { CUSTOMER_FIELD_NAMES, useFormatField } from "./fields";
import { fromCustomer, toCustomerInput, toCustomerPatch } from "./form/convert";
import { useCurrentRefusals } from "./form/useCurrentRefusals";
import { useFieldRules } from "./form/useFieldRules";
import type { CustomerFormValue } from "./form/values";

type EditedCustomer = { version: number; base: CustomerFormValue; value: CustomerFormValue };

/** A form that changes a customer. Changes that others make meanwhile are found when it is saved: `conflict` shows both. */
export function useCustomerEdit(
  customer: EditableCustomerFragment,
  onSaved: () => void,
): {
  form: DraftFormState<EditedCustomer>;
  value: CustomerFormValue;
  onChange: (change: (value: CustomerFormValue) => CustomerFormValue) => void;
  refusals: Refusals;
  save: () => void;
  conflict: ReactNode;
} {
  const t = useMessages(customers);
  const client = useClient();
  const [, updateCustomer] = useMutation(UPDATE_CUSTOMER);
  const form = useDraftForm(`customer.${customer.id}`, {
    version: customer.version,
    base: fromCustomer(customer),
    value: fromCustomer(customer),
  });
  const { base, value, version } = form.value;
  const { rules } = useFieldRules(value);
  const refusals = useCurrentRefusals(form.refusals, value);
  const formatField = useFormatField();
  const [theirs, setTheirs] = useState<EditableCustomerFragment>();

  async function send(version: number) {
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
    onSaved();
    return {};
  }

  function keepMine(theirs: EditableCustomerFragment) {
    setTheirs(undefined);
    form.setValue((before) => ({ ...before, version: theirs.version }));
    void form.submit(() => send(theirs.version));
  }

  function takeTheirs(theirs: EditableCustomerFragment) {
    setTheirs(undefined);
    form.startOver();
    form.setValue({ version: theirs.version, base: fromCustomer(theirs), value: fromCustomer(theirs) });
  }

  return {
    form,
    value,
    onChange: (change) => form.setValue((before) => ({ ...before, value: change(before.value) })),
    refusals,
    save: () => void form.submit(() => send(version)),
    conflict: theirs && (
      <Conflict
        title={t.conflictTitle}
        rows={CUSTOMER_FIELD_NAMES.map((name) => ({
          key: name,
          label: t.fields[name],
          base: formatField(name, base),
          mine: formatField(name, value),
          theirs: formatField(name, fromCustomer(theirs)),
        }))}
        onMine={() => keepMine(theirs)}
        onTheirs={() => takeTheirs(theirs)}
        onClose={() => setTheirs(undefined)}
      />
    ),
  };
}
