import { useQuery } from "urql";
import { SelectField, TextField } from "@/components/Field";
import { readOneOf } from "@/components/list/address";
import type { FilterProps } from "@/components/list/ListPage";
import { usePausedText } from "@/components/usePausedText";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";
import { readDecimal } from "@/money/decimal";
import { CustomerCombobox } from "./CustomerCombobox";
import { CHOSEN_CUSTOMER, INVOICE_SETTINGS } from "./documents";
import { STATUS_NAMES } from "./search";

export function InvoiceFilters({ parameters, onChange }: FilterProps) {
  const t = useMessages(invoices);
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
    <>
      <SelectField
        label={t.status}
        value={readOneOf(parameters, "estado", STATUS_NAMES) ?? ""}
        onChange={(estado) => onChange({ estado })}
        options={[
          ["", t.anyStatus],
          ...STATUS_NAMES.map((status) => [status, t.statusFilters[status]] as const),
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
    </>
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
  const [typed, setTyped] = usePausedText(text, onChange);
  const read = readDecimal(typed);
  return (
    <TextField
      label={label}
      inputMode="decimal"
      autoComplete="off"
      value={typed}
      onChange={setTyped}
      error={read === "comma" || read === "noNumber" ? t.numberFaults[read] : undefined}
    />
  );
}
