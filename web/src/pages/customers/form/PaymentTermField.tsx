import { DaysField } from "@/components/Field";
import { messageAt } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import type { CustomerInputProps } from "./values";

export function PaymentTermField({ rule, value, set, refusals }: CustomerInputProps) {
  const t = useMessages(customers);
  return (
    <DaysField
      label={rule.label}
      hint={t.paymentTermHint}
      value={value.paymentTermDays}
      onChange={(paymentTermDays) => set({ paymentTermDays })}
      error={messageAt(refusals, "paymentTermDays")}
    />
  );
}
