import { ChoiceField } from "@/components/ChoiceField";
import { messageAt } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { type CustomerInputProps, chosenTaxpayerType, taxpayerTypes } from "./values";

export function TaxpayerTypeField({ rule, rules, value, set, refusals }: CustomerInputProps) {
  const t = useMessages(customers);
  return (
    <div className="wide">
      <ChoiceField
        label={rule.label}
        required={rule.required}
        value={chosenTaxpayerType(value, rules)}
        onChange={(taxpayerType) => set({ taxpayerType })}
        options={[
          ...(rule.required ? [] : [["", t.byRuc] as const]),
          ...taxpayerTypes(rules).map((type) => [type, t.taxpayerTypes[type]] as const),
        ]}
        error={messageAt(refusals, "taxpayerType")}
      />
    </div>
  );
}
