import "@/components/filters.css";
import { useId, useState } from "react";
import { useQuery } from "urql";
import { Button } from "@/components/Button";
import { SelectField, TextField } from "@/components/Field";
import { SearchField } from "@/components/SearchField";
import type { AddressChange } from "@/components/useListAddress";
import { useSettledText } from "@/components/useSettledText";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";
import { readDecimal } from "@/money/decimal";
import { CustomerCombobox } from "./CustomerCombobox";
import { CHOSEN_CUSTOMER, INVOICE_SETTINGS } from "./documents";
import { FILTERS, ORDERS, type Order, type readSearch, STATUSES, type Status } from "./search";

/** Search as one types, filters and order. On a phone the filters fold away. */
export function Filters({
  parameters,
  search,
  onChange,
}: {
  parameters: URLSearchParams;
  search: ReturnType<typeof readSearch>;
  onChange: AddressChange;
}) {
  const t = useMessages(invoices);
  const [open, setOpen] = useState(false);
  const panel = useId();
  const [{ data: settings }] = useQuery({ query: INVOICE_SETTINGS, requestPolicy: "cache-first" });
  const points = settings?.viewer.account.billingPoints ?? [];
  const customerId = parameters.get("cliente");
  const [{ data: chosen }] = useQuery({
    query: CHOSEN_CUSTOMER,
    variables: { id: customerId ?? "" },
    pause: !customerId,
  });
  const customer = chosen?.customer?.id === customerId ? (chosen?.customer ?? null) : null;

  return (
    <search className="filters">
      <div className="search-row">
        <SearchField
          label={t.search}
          text={parameters.get("q") ?? ""}
          onSearch={(q) => onChange({ q }, { replace: true })}
        />
        <Button
          className="filters-toggle"
          aria-expanded={open}
          aria-controls={panel}
          onClick={() => setOpen((was) => !was)}
        >
          {t.filters(search.filters)}
        </Button>
      </div>
      <div id={panel} className={open ? "filters-panel open" : "filters-panel"}>
        <SelectField
          label={t.status}
          value={search.status ?? ""}
          onChange={(estado) => onChange({ estado })}
          options={[
            ["", t.anyStatus],
            ...(Object.keys(STATUSES) as Status[]).map(
              (status) => [status, t.statusFilters[status]] as const,
            ),
          ]}
        />
        <CustomerCombobox
          label={t.customer}
          selected={customer}
          onSelect={(found) => onChange({ cliente: found?.id ?? "" })}
        />
        {points.length > 1 && (
          <SelectField
            label={t.billingPoint}
            value={parameters.get("punto") ?? ""}
            onChange={(punto) => onChange({ punto })}
            options={[
              ["", t.anyPoint],
              ...points.map(({ code, name }) => [code, name ? `${code} · ${name}` : code] as const),
            ]}
          />
        )}
        <TextField
          label={t.issuedFrom}
          type="date"
          value={parameters.get("desde") ?? ""}
          onChange={(desde) => onChange({ desde })}
        />
        <TextField
          label={t.issuedTo}
          type="date"
          value={parameters.get("hasta") ?? ""}
          onChange={(hasta) => onChange({ hasta })}
        />
        <AmountField
          label={t.totalFrom}
          text={parameters.get("minimo") ?? ""}
          onChange={(minimo) => onChange({ minimo }, { replace: true })}
        />
        <AmountField
          label={t.totalTo}
          text={parameters.get("maximo") ?? ""}
          onChange={(maximo) => onChange({ maximo }, { replace: true })}
        />
        <div className="order-filter">
          <SelectField
            label={t.order}
            value={search.order}
            onChange={(orden) => onChange({ orden })}
            options={(Object.keys(ORDERS) as Order[]).map((order) => [order, t.orders[order]] as const)}
          />
        </div>
        {search.filters > 0 && (
          <Button
            kind="quiet"
            onClick={() => onChange(Object.fromEntries(FILTERS.map((name) => [name, ""])))}
          >
            {t.clearFilters}
          </Button>
        )}
      </div>
    </search>
  );
}

function AmountField({
  label,
  text,
  onChange,
}: {
  label: string;
  text: string;
  onChange: (text: string) => void;
}) {
  const t = useMessages(invoices);
  const [typed, setTyped] = useSettledText(text, onChange);
  const read = readDecimal(typed);
  return (
    <TextField
      label={label}
      inputMode="decimal"
      autoComplete="off"
      value={typed}
      onChange={setTyped}
      error={
        read === "comma" ? t.numberFaults.comma : read === "noNumber" ? t.numberFaults.noNumber : undefined
      }
    />
  );
}
