import { ChoiceField } from "@/components/ChoiceField";
import { messageAt } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { RECEIVER_TYPES } from "../search";
import type { CustomerInputProps } from "./values";

export function ReceiverTypeField({ rule, value, set, refusals }: CustomerInputProps) {
  const t = useMessages(customers);
  return (
    <div className="wide">
      <ChoiceField
        label={rule.label}
        required
        value={value.receiverType}
        onChange={(receiverType) => set({ receiverType })}
        options={RECEIVER_TYPES.map((type) => [type, t.receiverTypes[type]] as const)}
        error={messageAt(refusals, "receiverType")}
        hint={t.receiverHints[value.receiverType]}
      />
    </div>
  );
}
