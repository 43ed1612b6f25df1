import { Button } from "@/components/Button";
import { Badge, Notice } from "@/components/states";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { useFormats } from "@/i18n/format";
import { ExistingLink } from "./ExistingCustomer";
import { normalize } from "./countries";
import type { TaxpayerType } from "@/graphql";
import type { CustomerFormValue, CustomerInputProps, Lookup } from "./values";

/** What the registry says of a RUC, and buttons to use what it says. */
export function LookupResult({
  found,
  value,
  set,
  editedId,
  onSuggestion,
  onUseExisting,
}: {
  found: Lookup;
  onSuggestion: (ruc: string) => void;
} & Pick<CustomerInputProps, "value" | "set" | "editedId" | "onUseExisting">) {
  const t = useMessages(customers);
  const { dv, taxpayerType, name } = findDifferences(value, found);
  const type = taxpayerType && t.taxpayerTypes[taxpayerType];
  const corrections = [
    ...(dv ? [{ text: t.dvDiffers(dv), label: t.use(dv), values: { dv } }] : []),
    ...(taxpayerType && type
      ? [{ text: t.typeDiffers(type), label: t.use(type), values: { taxpayerType } }]
      : []),
    ...(name ? [{ text: t.nameDiffers(name), label: t.useRegistryName, values: { name } }] : []),
  ];
  const existing = found.existingCustomer?.id === editedId ? null : found.existingCustomer;
  return (
    <Notice kind={found.status === "FOUND" && !dv && !type ? "success" : "warning"}>
      <p className="lookup-line">
        <LookupText found={found} />
        {found.status === "FOUND" && found.electronicInvoicing && <Badge>{t.electronicInvoicing}</Badge>}
        {found.sandbox && found.source !== "COMPUTED" && <Badge>{t.sandbox}</Badge>}
      </p>
      {corrections.map(({ text, label, values }) => (
        <p key={text} className="lookup-line">
          {text} <Button onClick={() => set(values)}>{label}</Button>
        </p>
      ))}
      {found.suggestions.length > 0 && (
        <div className="lookup-line">
          <span>{t.didYouMean}</span>
          {found.suggestions.map((suggestion) => (
            <Button key={suggestion} onClick={() => onSuggestion(suggestion)}>
              {suggestion}
            </Button>
          ))}
        </div>
      )}
      {existing && (
        <p className="lookup-line">
          {t.alreadyExists(existing.name)} <ExistingLink id={existing.id} onUseExisting={onUseExisting} />
        </p>
      )}
    </Notice>
  );
}

type Differences = { dv?: string; taxpayerType?: TaxpayerType; name?: string };

/** The registry's values where the form has others. Case, accents, marks and blanks of a name make no other name. */
export function findDifferences(value: CustomerFormValue, found: Lookup): Differences {
  const [dv, name] = [value.dv.trim(), value.name.trim()];
  return {
    ...(found.dv && dv && dv.padStart(2, "0") !== found.dv && { dv: found.dv }),
    ...(found.taxpayerType &&
      value.taxpayerType &&
      value.taxpayerType !== found.taxpayerType && { taxpayerType: found.taxpayerType }),
    ...(found.name && name && lettersOf(name) !== lettersOf(found.name) && { name: found.name }),
  };
}

function lettersOf(name: string): string {
  return normalize(name).replace(/[^\p{L}\p{N}]/gu, "");
}

function LookupText({ found }: { found: Lookup }) {
  const t = useMessages(customers);
  const formats = useFormats();
  switch (found.status) {
    case "FOUND":
      return <strong>{found.name ?? t.found}</strong>;
    case "NOT_FOUND":
      return <span>{t.notRegistered}</span>;
    case "INVALID":
      return <span>{t.invalidRuc}</span>;
    case "UNAVAILABLE":
      return (
        <span>
          {found.source === "CACHE" && found.asOf
            ? t.lookupDownStale(formats.moment(found.asOf))
            : t.lookupDown}
        </span>
      );
  }
}
