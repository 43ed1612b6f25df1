import { useState } from "react";
import { Combobox } from "@/components/Combobox";
import { SelectField, TextField } from "@/components/Field";
import { messageAt, type Refusals } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { plain, useCountries } from "./countries";
import type { CustomerFields, CustomerFormValue } from "./values";

/** Kind, number and country of a foreigner's document. */
export function ForeignIdFields({
  value,
  onChange,
  fields,
  errors,
}: {
  value: CustomerFormValue;
  onChange: (change: Partial<CustomerFormValue>) => void;
  fields: CustomerFields;
  errors: Refusals;
}) {
  const t = useMessages(customers);
  const countries = useCountries();
  const [search, setSearch] = useState("");
  const field = fields.get("foreignId");
  const set = (change: Partial<CustomerFormValue["foreignId"]>) =>
    onChange({ foreignId: { ...value.foreignId, ...change } });
  return (
    <>
      <SelectField
        label={t.foreignIdType}
        value={value.foreignId.type}
        onChange={(type) => set({ type })}
        options={(["PASSPORT", "TAX_ID", "OTHER"] as const).map(
          (type) => [type, t.foreignIdTypes[type]] as const,
        )}
        error={messageAt(errors, "foreignId", "type")}
      />
      <TextField
        label={t.foreignIdNumber}
        required={field?.required}
        maxLength={field?.maxLength ?? undefined}
        autoComplete="off"
        spellCheck={false}
        value={value.foreignId.number}
        onChange={(number) => set({ number })}
        error={messageAt(errors, "foreignId") ?? messageAt(errors, "foreignId", "number")}
      />
      <Combobox
        label={t.country}
        required={field?.required}
        selected={countries.find(({ code }) => code === value.foreignId.country) ?? null}
        onSelect={(country) => set({ country: country?.code ?? "" })}
        onSearch={setSearch}
        options={countries.filter(({ code, name }) =>
          `${plain(name)} ${code.toLowerCase()}`.includes(plain(search)),
        )}
        searching={false}
        keyOf={({ code }) => code}
        textOf={({ name }) => name}
        error={messageAt(errors, "foreignId", "country")}
      />
    </>
  );
}
