import { useMemo } from "react";
import { useQuery } from "urql";
import { graphql } from "@/graphql";
import type { CustomerFields, CustomerFormValue } from "./values";

const CUSTOMER_FIELDS = graphql(/* GraphQL */ `
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

/** Which fields the form has, for the types chosen and the account's settings; none while they are being fetched. */
export function useCustomerFields({ receiverType, taxpayerType }: CustomerFormValue) {
  const [{ data, error }, reload] = useQuery({
    query: CUSTOMER_FIELDS,
    variables: { receiverType, taxpayerType: taxpayerType || null },
  });
  const fields: CustomerFields | null = useMemo(
    () => (data && new Map(data.customerForm.map((field) => [field.name, field]))) || null,
    [data],
  );
  return { fields, error, reload };
}
