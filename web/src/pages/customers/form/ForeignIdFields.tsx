import { useState } from "react";
import { Combobox } from "@/components/Combobox";
import { SelectField, TextField } from "@/components/Field";
import { messageAt } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { normalize, useCountries } from "./countries";
import { Duplicate } from "./ExistingCustomer";
import type { CustomerFormValue, CustomerInputProps } from "./values";

const TYPES = ["PASSPORT", "TAX_ID", "OTHER"] as const;

/** Type, number and country of a foreigner's document. */
export function ForeignIdFields({
  rule,
  value: { foreignId },
  set: setFields,
  refusals,
  onUseExisting,
}: CustomerInputProps) {
  const t = useMessages(customers);
  const countries = useCountries();
  const [search, setSearch] = useState("");
  const set = (change: Partial<CustomerFormValue["foreignId"]>) =>
    setFields({ foreignId: { ...foreignId, ...change } });
  return (
    <>
      <SelectField
        label={t.foreignIdType}
        value={foreignId.type}
        onChange={(type) => set({ type })}
        options={TYPES.map((type) => [type, t.foreignIdTypes[type]] as const)}
        error={messageAt(refusals, "foreignId", "type")}
      />
      <TextField
        label={t.foreignIdNumber}
        required={rule.required}
        maxLength={rule.maxLength ?? undefined}
        autoComplete="off"
        spellCheck={false}
        value={foreignId.number}
        onChange={(number) => set({ number })}
        error={messageAt(refusals, "foreignId") ?? messageAt(refusals, "foreignId", "number")}
      />
      <Combobox
        label={t.country}
        required={rule.required}
        selected={countries.find(({ code }) => code === foreignId.country) ?? null}
        onSelect={(country) => set({ country: country?.code ?? "" })}
        onSearch={setSearch}
        options={countries.filter(({ code, name }) =>
          `${normalize(name)} ${code.toLowerCase()}`.includes(normalize(search)),
        )}
        searching={false}
        failure={undefined}
        keyOf={({ code }) => code}
        textOf={({ name }) => name}
        error={messageAt(refusals, "foreignId", "country")}
      />
      <Duplicate refusals={refusals} onUseExisting={onUseExisting} />
    </>
  );
}
