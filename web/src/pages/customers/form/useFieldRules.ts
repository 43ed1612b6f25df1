import { useMemo } from "react";
import { useQuery } from "urql";
import { graphql } from "@/graphql";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import type { CustomerFormValue, FieldRule, FieldRules } from "./values";

const FIELD_RULES = graphql(/* GraphQL */ `
  query CustomerFields($receiverType: ReceiverType!, $taxpayerType: TaxpayerType) {
    customerForm(receiverType: $receiverType, taxpayerType: $taxpayerType) {
      name
      label
      required
      forbidden
      maxLength
      pattern
    }
  }
`);

/** The rules of the form's fields, by the types chosen and the account's settings; null while they are being fetched. */
export function useFieldRules({ receiverType, taxpayerType }: CustomerFormValue) {
  const t = useMessages(customers);
  const [{ data, error }, reload] = useQuery({
    query: FIELD_RULES,
    variables: { receiverType, taxpayerType: taxpayerType || null },
  });
  const rules: FieldRules | null = useMemo(() => {
    if (!data) return null;
    // All rules depend on the receiver type, so the service doesn't list the receiver type itself.
    const receiverTypeRule: FieldRule = {
      __typename: "FormField",
      name: "receiverType",
      label: t.fields.receiverType,
      required: true,
      forbidden: false,
      maxLength: null,
      pattern: null,
    };
    return new Map([receiverTypeRule, ...data.customerForm].map((rule) => [rule.name, rule]));
  }, [data, t]);
  return { rules, error, reload };
}
