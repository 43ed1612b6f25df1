/** What a customer's form holds, and what becomes of it. */

import type {
  CustomerFieldsQuery,
  CustomerInput,
  CustomerPatch,
  EditableCustomerFragment,
  ForeignIdType,
  ReceiverType,
  TaxpayerType,
} from "@/graphql";
import { phone } from "@/i18n/format";

export type Place = NonNullable<EditableCustomerFragment["location"]>;

export type PersonValue = { name: string; email: string; phone: string; notify: boolean };

/**
 * As typed. What a receiver type doesn't have is kept, so that going back to the type before finds it again, but
 * it isn't sent.
 */
export type CustomerFormValue = {
  receiverType: ReceiverType;
  /** "" for what the RUC says. */
  taxpayerType: TaxpayerType | "";
  ruc: string;
  dv: string;
  foreignId: { type: ForeignIdType; number: string; country: string };
  name: string;
  place: Place | null;
  address: string;
  email: string;
  phone: string;
  mobile: string;
  associatedPersons: PersonValue[];
};

export const EMPTY_CUSTOMER: CustomerFormValue = {
  receiverType: "TAXPAYER",
  taxpayerType: "",
  ruc: "",
  dv: "",
  foreignId: { type: "PASSPORT", number: "", country: "" },
  name: "",
  place: null,
  address: "",
  email: "",
  phone: "",
  mobile: "",
  associatedPersons: [],
};

export type FormField = CustomerFieldsQuery["customerForm"][number];

/** The fields by name, as `customerForm` has them for the types at hand. */
export type CustomerFields = ReadonlyMap<string, FormField>;

/** The taxpayer types that the form offers: some receivers are always persons, or never. */
export function taxpayerTypes(fields: CustomerFields): TaxpayerType[] {
  const allowed = fields.get("taxpayerType")?.pattern?.split("|");
  return (["NATURAL", "JURIDICAL"] as const).filter((type) => !allowed || allowed.includes(type));
}

/** The customer to be stored; fields that the form doesn't show are left out. */
export function toCustomerInput(value: CustomerFormValue, fields: CustomerFields): CustomerInput {
  const shown = (name: string) => !fields.get(name)?.forbidden;
  const text = (name: "ruc" | "dv" | "name" | "address" | "email" | "phone" | "mobile") =>
    (shown(name) && value[name].trim()) || null;
  const { type, number, country } = value.foreignId;
  const persons = value.associatedPersons.map((person) => ({
    name: person.name,
    email: person.email.trim() || null,
    phone: person.phone.trim() || null,
    notify: person.notify,
  }));
  return {
    receiverType: value.receiverType,
    taxpayerType:
      taxpayerTypes(fields).find((each) => shown("taxpayerType") && each === value.taxpayerType) ?? null,
    ruc: text("ruc"),
    dv: text("dv"),
    foreignId: shown("foreignId") && (number.trim() || country) ? { type, number, country } : null,
    name: text("name"),
    locationCode: (shown("locationCode") && value.place?.code) || null,
    address: text("address"),
    email: text("email"),
    phone: text("phone"),
    mobile: text("mobile"),
    associatedPersons: shown("associatedPersons") ? persons : [],
  };
}

/** What `after` has otherwise than `before`. */
export function toCustomerPatch(before: CustomerInput, after: CustomerInput): CustomerPatch {
  const changed = (name: keyof CustomerInput) => JSON.stringify(before[name]) !== JSON.stringify(after[name]);
  return Object.fromEntries(
    Object.entries(after).filter(([name]) => changed(name as keyof CustomerInput)),
  );
}

/** A stored customer as the form shows it. */
export function fromCustomer(customer: EditableCustomerFragment): CustomerFormValue {
  return {
    receiverType: customer.receiverType,
    taxpayerType: customer.taxpayerType ?? "",
    ruc: customer.ruc ?? "",
    dv: customer.dv ?? "",
    foreignId: customer.foreignId
      ? {
          type: customer.foreignId.type,
          number: customer.foreignId.number,
          country: customer.foreignId.country,
        }
      : EMPTY_CUSTOMER.foreignId,
    name: customer.name,
    place: customer.location ?? null,
    address: customer.address ?? "",
    email: customer.email ?? "",
    phone: phone(customer.phone ?? ""),
    mobile: phone(customer.mobile ?? ""),
    associatedPersons: customer.associatedPersons.map((person) => ({
      name: person.name,
      email: person.email ?? "",
      phone: phone(person.phone ?? ""),
      notify: person.notify,
    })),
  };
}
