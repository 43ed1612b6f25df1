import type { TypedDocumentNode } from "@urql/core";
import { useMemo, useState } from "react";
import { useQuery } from "urql";
import { Combobox } from "@/components/Combobox";
import type { FieldProps } from "@/components/Field";
import { useOptionSearch } from "@/components/useOptionSearch";
import type { CpbsQuery, PaymentFormsQuery, PaymentMethod, UnitsQuery } from "@/graphql";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";
import { paymentMethods } from "@/i18n/payment";
import { CPBS, CPBS_SUGGESTIONS, PAYMENT_FORMS, UNITS } from "./choiceDocuments";
import { type CatalogueEntry, USUAL_UNIT } from "./form";

type EntryFieldProps = Omit<FieldProps, "label"> & {
  value: CatalogueEntry | null;
  onChange: (chosen: CatalogueEntry | null) => void;
};

type ClassOption = CatalogueEntry & {
  /** Of one that was searched for. */
  family?: string;
  /** Of one that is suggested: the description of the earlier line that had it. */
  usedFor?: string;
};

const LONGEST_DESCRIPTION = 500;

// Some units are called as their codes are.
const textOf = ({ code, name }: CatalogueEntry) => (name && name !== code ? `${code} · ${name}` : code);
const keyOf = ({ code }: CatalogueEntry) => code;
const unitsOf = (data: UnitsQuery) => data.units;
const classesOf = (data: CpbsQuery): readonly ClassOption[] => data.cpbs;
const methodsOf = (data: PaymentFormsQuery) => data.paymentForms.map(({ method }) => method);

/** The unit of measure, searched for by code or name. */
export function UnitField({ value, onChange, ...field }: EntryFieldProps) {
  const t = useMessages(invoices);
  const search = useOptionSearch(UNITS, unitsOf, "Unit", "cache-first");
  return (
    <Combobox<CatalogueEntry>
      {...field}
      {...search}
      label={t.unit}
      placeholder={USUAL_UNIT}
      selected={useNamed(value, UNITS, unitsOf)}
      onSelect={(unit) => onChange(unit && { code: unit.code, name: unit.name })}
      keyOf={keyOf}
      textOf={textOf}
    />
  );
}

/**
 * The class of goods or services (CPBS), searched for by code, name or family. While nothing is searched for, those come
 * first that earlier lines with such a description had.
 */
export function CpbsField({
  value,
  onChange,
  description,
  customerId,
  ...field
}: EntryFieldProps & { description: string; customerId: string | undefined }) {
  const t = useMessages(invoices);
  const { onSearch, options, searching, failure } = useOptionSearch(CPBS, classesOf, "Cpbs", "cache-first");
  // The description as it is when the list opens, so that nothing is asked while somebody writes it.
  const [described, setDescribed] = useState("");
  const suggested = useSuggestions(described, customerId);
  return (
    <Combobox<ClassOption>
      {...field}
      label={t.cpbs}
      placeholder={t.cpbsPlaceholder}
      selected={useNamed(value, CPBS, classesOf)}
      onSelect={(found) => onChange(found && { code: found.code, name: found.name })}
      onSearch={(text) => {
        setDescribed(text.trim() ? "" : description.trim());
        onSearch(text);
      }}
      options={[
        ...suggested.options,
        ...options.filter(({ code }) => suggested.options.every((suggestion) => suggestion.code !== code)),
      ]}
      searching={searching || suggested.searching}
      failure={failure}
      keyOf={keyOf}
      textOf={textOf}
      render={({ code, name, family, usedFor }) => (
        <>
          {code} · {name}{" "}
          <span className="muted small">{usedFor === undefined ? family : t.usedFor(usedFor)}</span>
        </>
      )}
    />
  );
}

/** A form of payment, searched for by code or name. There is always one: the last stays until another is chosen. */
export function PaymentMethodField({
  value,
  onChange,
  ...field
}: Omit<FieldProps, "label"> & { value: PaymentMethod; onChange: (chosen: PaymentMethod) => void }) {
  const t = useMessages(invoices);
  const names = useMessages(paymentMethods);
  const search = useOptionSearch(PAYMENT_FORMS, methodsOf, "PaymentFormChoice", "cache-first");
  return (
    <Combobox<PaymentMethod>
      {...field}
      {...search}
      label={t.paymentMethod}
      selected={value}
      onSelect={(method) => method && onChange(method)}
      keyOf={(method) => method}
      textOf={(method) => names[method]}
    />
  );
}

/** The entry with its name, which a stored line doesn't have. */
function useNamed<Data>(
  entry: CatalogueEntry | null,
  query: TypedDocumentNode<Data, { search?: string | null | undefined }>,
  entriesOf: (data: Data) => readonly CatalogueEntry[],
): CatalogueEntry | null {
  const [{ data }] = useQuery({
    query,
    variables: { search: entry?.code ?? null },
    pause: !entry || entry.name !== "",
    requestPolicy: "cache-first",
  });
  if (!entry || entry.name || !data) return entry;
  return entriesOf(data).find(({ code }) => code === entry.code) ?? entry;
}

/** The classes of earlier lines with such a description; none for an empty one. */
function useSuggestions(
  description: string,
  customerId: string | undefined,
): { options: readonly ClassOption[]; searching: boolean } {
  const isAsked = description !== "" && description.length <= LONGEST_DESCRIPTION;
  const [{ data, fetching }] = useQuery({
    query: CPBS_SUGGESTIONS,
    variables: { description, customerId: customerId ?? null },
    pause: !isAsked,
    // What is invoiced later is suggested, too.
    context: useMemo(() => ({ additionalTypenames: ["Invoice"] }), []),
    requestPolicy: "cache-first",
  });
  const found = (isAsked && data?.cpbsSuggestions) || [];
  return {
    options: found.map(({ cpbs: { code, name }, description }) => ({ code, name, usedFor: description })),
    searching: isAsked && fetching,
  };
}
