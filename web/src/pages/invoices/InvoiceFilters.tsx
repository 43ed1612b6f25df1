import { useState } from "react";
import { useQuery } from "urql";
import { DateField } from "@/components/DateField";
import { readDate, writeDate } from "@/components/dates";
import { SelectField, TextField } from "@/components/Field";
import { readOneOf } from "@/components/list/address";
import type { FilterProps } from "@/components/list/ListPage";
import { TextFilter } from "@/components/list/TextFilter";
import { usePausedText } from "@/components/usePausedText";
import { useMessages } from "@/i18n";
import { emission as emissionWords } from "@/i18n/emission";
import { fiscal as fiscalWords } from "@/i18n/fiscal";
import { invoices } from "@/i18n/invoices";
import { useViewer } from "@/layout/viewer";
import { isNumber, readDecimal } from "@/money/decimal";
import { CustomerCombobox } from "./CustomerCombobox";
import { CHOSEN_CUSTOMER, INVOICE_SETTINGS } from "./choiceDocuments";
import { useFaultText } from "./NumberField";
import { optionOf, pointOptions, readPoint } from "./points";
import {
  BLOCKED_NAMES,
  BLOCKED_REASONS,
  FISCAL_NAMES,
  NOTE_STATUS_NAMES,
  readReason,
  STATUS_NAMES,
} from "./search";

export function InvoiceFilters(props: FilterProps) {
  return <DocumentFilters {...props} statuses={STATUS_NAMES} />;
}

/** Notes are never drafts, and never due. */
export function NoteFilters(props: FilterProps) {
  return <DocumentFilters {...props} statuses={NOTE_STATUS_NAMES} />;
}

function DocumentFilters({
  parameters,
  onChange,
  statuses,
}: FilterProps & { statuses: readonly (typeof STATUS_NAMES)[number][] }) {
  const t = useMessages(invoices);
  const fiscal = useMessages(fiscalWords);
  const emission = useMessages(emissionWords);
  const reason = readReason(parameters);
  const { electronicInvoicing } = useViewer().account;
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
        value={readOneOf(parameters, "estado", statuses) ?? ""}
        onChange={(estado) => onChange({ estado })}
        options={[["", t.anyStatus], ...statuses.map((status) => [status, t.statusFilters[status]] as const)]}
      />
      {electronicInvoicing && (
        <SelectField
          label={fiscal.filter}
          value={readOneOf(parameters, "dgi", FISCAL_NAMES) ?? ""}
          onChange={(dgi) => onChange({ dgi, motivo: "" })}
          options={[
            ["", fiscal.anyStatus],
            ...FISCAL_NAMES.map((name) => [name, fiscal.filters[name]] as const),
          ]}
        />
      )}
      {(parameters.get("dgi") === "detenidas" || parameters.get("motivo")) && (
        <SelectField
          label={emission.reason}
          value={reason ? BLOCKED_NAMES[reason] : ""}
          onChange={(motivo) => onChange({ motivo })}
          options={[
            ["", emission.anyReason],
            ...BLOCKED_REASONS.map((each) => [BLOCKED_NAMES[each], emission.reasons[each]] as const),
          ]}
        />
      )}
      <CustomerCombobox
        label={t.customer}
        selected={customer}
        onSelect={(found) => onChange({ cliente: found?.id ?? "" })}
      />
      {points.length > 1 && (
        <SelectField
          label={t.billingPoint}
          value={optionOf(points, readPoint(parameters.get("punto") ?? ""))}
          onChange={(punto) => onChange({ punto })}
          options={[["", t.anyPoint], ...pointOptions(points, settings?.viewer.account.branches ?? [])]}
        />
      )}
      <DayField
        label={t.issuedFrom}
        date={parameters.get("desde") ?? ""}
        onChange={(desde) => onChange({ desde })}
      />
      <DayField
        label={t.issuedTo}
        date={parameters.get("hasta") ?? ""}
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
      {statuses === STATUS_NAMES && (
        <>
          <DayField
            label={t.dueFrom}
            date={parameters.get("vence-desde") ?? ""}
            onChange={(day) => onChange({ "vence-desde": day })}
          />
          <DayField
            label={t.dueTo}
            date={parameters.get("vence-hasta") ?? ""}
            onChange={(day) => onChange({ "vence-hasta": day })}
          />
        </>
      )}
      <TextFilter
        label={t.inLines}
        text={parameters.get("linea") ?? ""}
        onChange={(linea) => onChange({ linea }, { replace: true })}
      />
      <TextFilter
        label={t.tag}
        text={parameters.get("etiqueta") ?? ""}
        onChange={(etiqueta) => onChange({ etiqueta }, { replace: true })}
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
  const faultText = useFaultText();
  const [typed, setTyped] = usePausedText(text, onChange);
  const read = readDecimal(typed);
  return (
    <TextField
      label={label}
      inputMode="decimal"
      autoComplete="off"
      value={typed}
      onChange={setTyped}
      error={isNumber(read) || read === "empty" ? undefined : faultText(read, typed)}
    />
  );
}

/** A day that filters as soon as it is one. `date` is as the API takes it. */
function DayField({
  label,
  date,
  onChange,
}: {
  label: string;
  date: string;
  onChange: (date: string) => void;
}) {
  const [typed, setTyped] = useState<{ text: string; date: string }>();
  // The text goes with the date that it was read as; a change of the address replaces it.
  const text = typed?.date === date ? typed.text : writeDate(date);
  return (
    <DateField
      label={label}
      value={text}
      onChange={(text) => {
        const read = readDate(text);
        const isComplete = read === "" || /\d{4}/.test(text); // "1/2/20" may become 2026
        setTyped({ text, date: read !== undefined && isComplete ? read : date });
        if (read !== undefined && read !== date && isComplete) onChange(read);
      }}
    />
  );
}
