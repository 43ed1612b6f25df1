import { useState } from "react";
import { Combobox } from "@/components/Combobox";
import { SelectField, TextField } from "@/components/Field";
import type { Incoterm } from "@/graphql";
import { messageAt, type Refusals } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";
import { normalize, useCountries } from "@/pages/customers/form/countries";
import type { InvoiceFields } from "./form";

const INCOTERMS: Incoterm[] = ["EXW", "FCA", "FAS", "FOB", "CFR", "CIF", "CPT", "CIP", "DAP", "DDP"];

/** Whether the invoice is an export and, if so, on what terms, to which country and from which port. */
export function ExportFields({
  fields,
  refusals,
  isSettled,
  onChange,
}: {
  fields: InvoiceFields;
  refusals: Refusals;
  /** Whether the DGI knows it as an export already: it stays one. */
  isSettled: boolean;
  onChange: (values: Partial<InvoiceFields>, ...refused: string[]) => void;
}) {
  const t = useMessages(invoices);
  const countries = useCountries();
  const [search, setSearch] = useState("");
  const none = isSettled ? [] : [["", t.noExport] as const];
  return (
    <>
      <SelectField
        label={t.export}
        hint={t.exportHint}
        value={fields.incoterm}
        error={messageAt(refusals, "export") ?? messageAt(refusals, "export", "incoterm")}
        onChange={(incoterm) => onChange({ incoterm }, "export")}
        options={[...none, ...INCOTERMS.map((each) => [each, `${each} · ${t.incoterms[each]}`] as const)]}
      />
      {fields.incoterm && (
        <>
          <Combobox
            label={t.exportCountry}
            placeholder={t.countryOfDocument}
            selected={countries.find(({ code }) => code === fields.exportCountry) ?? null}
            onSelect={(country) => onChange({ exportCountry: country?.code ?? "" }, "export", "country")}
            onSearch={setSearch}
            options={countries.filter(({ code, name }) =>
              `${normalize(name)} ${code.toLowerCase()}`.includes(normalize(search)),
            )}
            searching={false}
            failure={undefined}
            keyOf={({ code }) => code}
            textOf={({ name }) => name}
            error={messageAt(refusals, "export", "country")}
          />
          <TextField
            label={t.port}
            autoComplete="off"
            value={fields.port}
            error={messageAt(refusals, "export", "port")}
            onChange={(port) => onChange({ port }, "export", "port")}
          />
        </>
      )}
    </>
  );
}
