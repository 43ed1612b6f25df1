import { useMemo, useState } from "react";
import { useQuery } from "urql";
import { Combobox } from "@/components/Combobox";
import { useDebounced } from "@/components/useDebounced";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";
import { CUSTOMER_CHOICES } from "./documents";

type CustomerOption = { id: string; name: string; identification: string };

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
  const [search, setSearch] = useState<string>();
  const debounced = useDebounced(search);
  const [{ data, fetching }] = useQuery({
    query: CUSTOMER_CHOICES,
    variables: { search: debounced?.trim() || null },
    pause: debounced === undefined,
    // An empty list has no rows by whose type urql would know that a mutation changed it.
    context: useMemo(() => ({ additionalTypenames: ["Customer"] }), []),
  });
  const searching = fetching || search !== debounced;
  return (
    <Combobox<CustomerOption>
      label={label}
      required={required}
      error={error}
      placeholder={t.chooseCustomer}
      selected={selected}
      onSelect={onSelect}
      onSearch={setSearch}
      options={searching ? [] : (data?.customers.edges.map(({ node }) => node) ?? [])}
      searching={searching}
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
