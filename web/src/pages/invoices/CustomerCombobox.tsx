import { Combobox } from "@/components/Combobox";
import { useOptionSearch } from "@/components/useOptionSearch";
import type { CustomerChoicesQuery, ReceiverType } from "@/graphql";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";
import { CUSTOMER_CHOICES } from "./choiceDocuments";

export type CustomerOption = {
  id: string;
  name: string;
  identification: string;
  receiverType: ReceiverType;
};

const optionsOf = (data: CustomerChoicesQuery): CustomerOption[] =>
  data.customers.edges.map(({ node }) => node);

/** Chooses a customer, searched for by name, RUC or phone. */
export function CustomerCombobox({
  label,
  selected,
  onSelect,
  action,
  required,
  error,
}: {
  label: string;
  selected: CustomerOption | null;
  onSelect: (customer: CustomerOption | null) => void;
  action?: { label: string; run: (typed: string) => void };
  required?: boolean;
  error?: string | undefined;
}) {
  const t = useMessages(invoices);
  const search = useOptionSearch(CUSTOMER_CHOICES, optionsOf, "Customer");
  return (
    <Combobox<CustomerOption>
      label={label}
      required={required}
      error={error}
      placeholder={t.chooseCustomer}
      selected={selected}
      onSelect={onSelect}
      {...search}
      keyOf={({ id }) => id}
      textOf={({ name, identification }) => [name, identification].filter(Boolean).join(" · ")}
      render={({ name, identification }) => (
        <span className="customer-option">
          <span>{name}</span>
          <span className="muted small">{identification}</span>
        </span>
      )}
      action={action}
    />
  );
}
