import { useQuery } from "urql";
import { type EditableCustomerFragment, graphql, type ReceiverType } from "@/graphql";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { useViewer } from "@/layout/viewer";
import { CUSTOMER_FIELD_NAMES, useFormatField } from "./fields";
import { fromCustomer } from "./form/convert";

const REQUIRED_FIELDS = graphql(/* GraphQL */ `
  query RequiredFields {
    TAXPAYER: customerForm(receiverType: TAXPAYER) {
      ...RequiredField
    }
    FINAL_CONSUMER: customerForm(receiverType: FINAL_CONSUMER) {
      ...RequiredField
    }
    GOVERNMENT: customerForm(receiverType: GOVERNMENT) {
      ...RequiredField
    }
    FOREIGN: customerForm(receiverType: FOREIGN) {
      ...RequiredField
    }
  }
`);

graphql(/* GraphQL */ `
  fragment RequiredField on FormField {
    name
    required
  }
`);

/** A customer as lists have it, without what nothing requires. */
type Shown = Omit<
  EditableCustomerFragment,
  "version" | "paymentTermDays" | "language" | "associatedPersons" | "externalId" | "tags" | "metadata"
>;

/**
 * A function that names the fields which electronic invoicing requires of a customer and which are empty. An account that
 * makes no electronic invoices lacks nothing.
 */
export function useLackingFields(): (customer: Shown) => string[] {
  const t = useMessages(customers);
  const { electronicInvoicing } = useViewer().account;
  const formatField = useFormatField();
  const [{ data }] = useQuery({
    query: REQUIRED_FIELDS,
    pause: !electronicInvoicing,
    requestPolicy: "cache-first",
  });
  return (customer) => {
    const fields: Record<ReceiverType, { name: string; required: boolean }[]> | undefined = data;
    const required = new Set(
      fields?.[customer.receiverType].flatMap(({ name, required }) => (required ? [name] : [])),
    );
    // The service computes most DVs, but a stored customer with a RUC must have its own.
    if (required.has("ruc")) required.add("dv");
    const value = fromCustomer({
      ...customer,
      version: 0,
      paymentTermDays: null,
      language: "ES",
      associatedPersons: [],
      externalId: null,
      tags: [],
      metadata: [],
    });
    return CUSTOMER_FIELD_NAMES.filter((name) => required.has(name) && !formatField(name, value)).map(
      (name) => t.fields[name],
    );
  };
}
