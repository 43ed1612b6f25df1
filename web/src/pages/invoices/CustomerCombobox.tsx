import { useMemo, useState } from "react";
import { useQuery } from "urql";
import { Combobox } from "@/components/Combobox";
import { useDebounced } from "@/components/useDebounced";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";
import { CUSTOMER_CHOICES } from "./documents";

export type StoredCustomer = { id: string; name: string; identification: string };

/** A customer, found by name, RUC or phone. */
export function CustomerCombobox({
  label,
  selected,
  onSelect,
  action,
  required,
  error,
}: {
  label: string;
  selected: StoredCustomer | null;
  onSelect: (customer: StoredCustomer | null) => void;
  action?: { label: string; run: (typed: string) => void };
  required?: boolean;
  error?: string | undefined;
}) {
  const t = useMessages(invoices);
  const [search, setSearch] = useState<string>();
  const settled = useDebounced(search);
  const [{ data, fetching }] = useQuery({
    query: CUSTOMER_CHOICES,
    variables: { search: settled?.trim() || null },
    pause: settled === undefined,
    // A list that has none yet can't be known to change by what is in it.
    context: useMemo(() => ({ additionalTypenames: ["Customer"] }), []),
  });
  const searching = fetching || search !== settled;
  return (
    <Combobox<StoredCustomer>
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
