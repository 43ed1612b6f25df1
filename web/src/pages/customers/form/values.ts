/** The values that the form of a customer holds, and the properties of its inputs. */

import type {
  CustomerFieldsQuery,
  CustomerInput,
  EditableCustomerFragment,
  ForeignIdType,
  Language,
  ReceiverType,
  RucLookupQuery,
  TaxpayerType,
} from "@/graphql";
import type { Refusals } from "@/graphql/errors";

/** What the registry says of a RUC. */
export type Lookup = RucLookupQuery["lookupRuc"];

export type Location = NonNullable<EditableCustomerFragment["location"]>;

export type PersonValue = { name: string; email: string; phone: string; notify: boolean };

export type MetadataValue = { key: string; value: string };

/** The fields of CustomerInput that are plain text. */
export type TextFieldName = Exclude<
  {
    [Name in keyof CustomerInput]-?: string extends NonNullable<CustomerInput[Name]> ? Name : never;
  }[keyof CustomerInput],
  "locationCode"
>;

/**
 * What is typed, by the names of CustomerInput. Values that the chosen receiver type doesn't have stay here, in case the
 * type before is chosen again; they aren't sent.
 */
export type CustomerFormValue = Record<TextFieldName, string> & {
  receiverType: ReceiverType;
  /** "" to take it from the RUC. */
  taxpayerType: TaxpayerType | "";
  foreignId: { type: ForeignIdType; number: string; country: string };
  locationCode: Location | null;
  /** "" for the account's. */
  paymentTermDays: string;
  language: Language;
  associatedPersons: PersonValue[];
  /** As they are typed, with commas between them. */
  tags: string;
  /** What programs keep with the customer; the form doesn't show it. */
  metadata: readonly MetadataValue[];
};

export type CustomerFieldName = keyof CustomerFormValue;

/** What the service says of a field: its label, whether it is required or forbidden, its limits. */
export type FieldRule = CustomerFieldsQuery["customerForm"][number];

/** By field, for the receiver and taxpayer types chosen. */
export type FieldRules = ReadonlyMap<string, FieldRule>;

/** The properties of each input of the form. */
export type CustomerInputProps = {
  /** The rule of the field that is drawn. */
  rule: FieldRule;
  rules: FieldRules;
  value: CustomerFormValue;
  onChange: (change: (value: CustomerFormValue) => CustomerFormValue) => void;
  /** Sets some fields. */
  set: (values: Partial<CustomerFormValue>) => void;
  /** With paths that begin at the customer. */
  refusals: Refusals;
  /** What to do with a customer that exists already; without it, the form links to that customer's page. */
  onUseExisting?: ((id: string) => void) | undefined;
  /** Called with what the registry says of the RUC. */
  onLookup?: ((found: Lookup) => void) | undefined;
  /** Whether the RUC that the form begins with is looked up without being asked. */
  looksUpAtOnce?: boolean | undefined;
  /** The customer that is being edited, which isn't a duplicate of itself. */
  editedId?: string | undefined;
};

/** The taxpayer types that the form offers: a government is never a natural person, a final consumer never a company. */
export function taxpayerTypes(rules: FieldRules): TaxpayerType[] {
  const allowed = rules.get("taxpayerType")?.pattern?.split("|");
  return (["NATURAL", "JURIDICAL"] as const).filter((type) => !allowed || allowed.includes(type));
}

/** The taxpayer type chosen, if the receiver type allows it. */
export function chosenTaxpayerType(value: CustomerFormValue, rules: FieldRules): TaxpayerType | "" {
  return taxpayerTypes(rules).find((type) => type === value.taxpayerType) ?? "";
}
