import { Button } from "@/components/Button";
import { Badge, Notice } from "@/components/states";
import type { RucLookupQuery } from "@/graphql";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { useFormats } from "@/i18n/format";
import { ExistingLink } from "./ExistingCustomer";
import type { CustomerInputProps } from "./values";

export type Lookup = RucLookupQuery["lookupRuc"];

/** What the registry says of a RUC, and buttons to use what it says. */
export function LookupResult({
  found,
  name,
  editedId,
  onName,
  onSuggestion,
  onUseExisting,
}: {
  found: Lookup;
  /** The name in the form. */
  name: string;
  onName: (name: string) => void;
  onSuggestion: (ruc: string) => void;
} & Pick<CustomerInputProps, "editedId" | "onUseExisting">) {
  const t = useMessages(customers);
  const otherName = found.name && name.trim() && found.name !== name.trim() ? found.name : null;
  const existing = found.existingCustomer?.id === editedId ? null : found.existingCustomer;
  return (
    <Notice kind={found.status === "FOUND" ? "success" : "warning"}>
      <p className="lookup-line">
        <LookupText found={found} />
        {found.status === "FOUND" && found.electronicInvoicing && <Badge>{t.electronicInvoicing}</Badge>}
        {found.sandbox && found.source !== "COMPUTED" && <Badge>{t.sandbox}</Badge>}
      </p>
      {otherName && (
        <p className="lookup-line">
          {t.nameDiffers(otherName)} <Button onClick={() => onName(otherName)}>{t.useRegistryName}</Button>
        </p>
      )}
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
