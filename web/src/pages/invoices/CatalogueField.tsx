import { Combobox } from "@/components/Combobox";
import type { FieldProps } from "@/components/Field";
import { useOptionSearch } from "@/components/useOptionSearch";
import type { CpbsQuery, UnitsQuery } from "@/graphql";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";
import { CPBS, UNITS } from "./documents";
import { type CatalogueEntry, USUAL_UNIT } from "./form";

type EntryFieldProps = Omit<FieldProps, "label"> & {
  value: CatalogueEntry | null;
  onChange: (chosen: CatalogueEntry | null) => void;
};

const textOf = ({ code, name }: CatalogueEntry) => [code, name].filter(Boolean).join(" · ");
const keyOf = ({ code }: CatalogueEntry) => code;
const unitsOf = (data: UnitsQuery) => data.units;
const classesOf = (data: CpbsQuery) => data.cpbs;

/** The unit of measure, searched for by code or name. */
export function UnitField({ value, onChange, ...field }: EntryFieldProps) {
  const t = useMessages(invoices);
  const search = useOptionSearch(UNITS, unitsOf, "Unit");
  return (
    <Combobox<CatalogueEntry>
      {...field}
      {...search}
      label={t.unit}
      placeholder={USUAL_UNIT}
      selected={value}
      onSelect={(unit) => onChange(unit && { code: unit.code, name: unit.name })}
      keyOf={keyOf}
      textOf={textOf}
    />
  );
}

/** The class of goods or services (CPBS), searched for by code, name or family. */
export function CpbsField({ value, onChange, ...field }: EntryFieldProps) {
  const t = useMessages(invoices);
  const search = useOptionSearch(CPBS, classesOf, "Cpbs");
  return (
    <Combobox<CatalogueEntry & { family?: string }>
      {...field}
      {...search}
      label={t.cpbs}
      placeholder={t.cpbsPlaceholder}
      selected={value}
      onSelect={(found) => onChange(found && { code: found.code, name: found.name })}
      keyOf={keyOf}
      textOf={textOf}
      render={({ code, name, family }) => (
        <>
          {code} · {name} <span className="muted small">{family}</span>
        </>
      )}
    />
  );
}
