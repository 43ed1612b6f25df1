/**
 * The fields of a customer, in the order of forms and pages. The form, the customer's page and the comparison of two
 * versions all read this table. The recipe for a new field is in web/README.md.
 */

import type { ComponentType, ReactNode } from "react";
import type { CustomerInput, EditableCustomerFragment } from "@/graphql";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { formatPhone } from "@/i18n/format";
import { MetadataList, readTags, TagList } from "@/components/references";
import { PhoneLink } from "./PhoneLink";
import { useCountryName } from "./form/countries";
import { ForeignIdFields } from "./form/ForeignIdFields";
import { LanguageField } from "./form/LanguageField";
import { LocationField } from "./form/LocationField";
import { PaymentTermField } from "./form/PaymentTermField";
import { PersonsField } from "./form/PersonsField";
import { ReceiverTypeField } from "./form/ReceiverTypeField";
import { RucFields } from "./form/RucFields";
import { TagsField } from "./form/TagsField";
import { TaxpayerTypeField } from "./form/TaxpayerTypeField";
import { type CustomerTextFieldOptions, createTextInput } from "./form/textInput";
import {
  type CustomerFieldName,
  type CustomerFormValue,
  type CustomerInputProps,
  chosenTaxpayerType,
  type FieldRules,
  type TextFieldName,
} from "./form/values";

export type Section = "identity" | "location" | "contact" | "persons" | "other";

/** What is needed to say a value in the language of the page. */
export type Words = { t: (typeof customers)["es"]; countryName: (code: string) => string };

export type CustomerField<Name extends CustomerFieldName> = {
  /** The section of the form. */
  section: Section;
  /** The value in an empty form. */
  empty: CustomerFormValue[Name];
  /** The value as a form holds it. */
  read: (customer: EditableCustomerFragment) => CustomerFormValue[Name];
  /** The value as the API takes it, null for none. */
  write: (value: CustomerFormValue, rules: FieldRules) => CustomerInput[Name] | null;
  /** What the form draws; null if the input of another field draws this one, too. */
  Input: ComponentType<CustomerInputProps> | null;
  /** The value as text, "" for none. */
  format: (value: CustomerFormValue, words: Words) => string;
  /** What the customer's page shows in place of that text; null if the page shows the field elsewhere. */
  display?: ((customer: EditableCustomerFragment) => ReactNode) | null;
};

/** A field that is one line of text. */
function text<Name extends TextFieldName>(
  name: Name,
  {
    section,
    display,
    ...options
  }: CustomerTextFieldOptions & Pick<CustomerField<Name>, "section" | "display">,
): CustomerField<Name> {
  return {
    section,
    empty: "",
    read: (customer) => customer[name] ?? "",
    write: (value) => value[name].trim() || null,
    Input: createTextInput(name, options),
    format: (value) => value[name],
    display,
  };
}

/** A phone number, which people in Panama write without the country's code. */
function phoneNumber<Name extends "phone" | "mobile">(
  name: Name,
  hint: CustomerTextFieldOptions["hint"],
): CustomerField<Name> {
  return {
    ...text(name, {
      section: "contact",
      type: "tel",
      hint,
      display: (customer) => customer[name] && <PhoneLink number={customer[name]} />,
    }),
    read: (customer) => formatPhone(customer[name] ?? ""),
  };
}

export const CUSTOMER_FIELDS: { [Name in CustomerFieldName]: CustomerField<Name> } = {
  receiverType: {
    section: "identity",
    empty: "TAXPAYER",
    read: (customer) => customer.receiverType,
    write: (value) => value.receiverType,
    Input: ReceiverTypeField,
    format: (value, { t }) => t.receiverTypes[value.receiverType],
  },
  taxpayerType: {
    section: "identity",
    empty: "",
    read: (customer) => customer.taxpayerType ?? "",
    write: (value, rules) => chosenTaxpayerType(value, rules) || null,
    Input: TaxpayerTypeField,
    format: (value, { t }) => value.taxpayerType && t.taxpayerTypes[value.taxpayerType],
  },
  ruc: { ...text("ruc", { section: "identity" }), Input: RucFields },
  dv: { ...text("dv", { section: "identity" }), Input: null }, // RucFields draws it beside the RUC
  foreignId: {
    section: "identity",
    empty: { type: "PASSPORT", number: "", country: "" },
    read: ({ foreignId }) =>
      foreignId
        ? { type: foreignId.type, number: foreignId.number, country: foreignId.country }
        : CUSTOMER_FIELDS.foreignId.empty,
    write: ({ foreignId }) => (foreignId.number.trim() || foreignId.country ? foreignId : null),
    Input: ForeignIdFields,
    format: ({ foreignId: { type, number, country } }, { t, countryName }) =>
      number && `${t.foreignIdTypes[type]} ${number}${country && `, ${countryName(country)}`}`,
  },
  name: text("name", { section: "identity", wide: true, display: null }), // the page's heading
  locationCode: {
    section: "location",
    empty: null,
    read: (customer) => customer.location,
    write: (value) => value.locationCode?.code ?? null,
    Input: LocationField,
    format: ({ locationCode: location }) =>
      location ? `${location.corregimiento}, ${location.district}, ${location.province}` : "",
  },
  address: text("address", { section: "location", wide: true, hint: "addressHint" }),
  email: text("email", {
    section: "contact",
    wide: true,
    type: "email",
    inputMode: "email",
    hint: "emailHint",
    display: ({ email }) => email && <a href={`mailto:${email}`}>{email}</a>,
  }),
  phone: phoneNumber("phone", "phoneHint"),
  mobile: phoneNumber("mobile", "mobileHint"),
  paymentTermDays: {
    section: "contact",
    empty: "",
    read: (customer) => customer.paymentTermDays?.toString() ?? "",
    write: (value) => (value.paymentTermDays.trim() ? Number(value.paymentTermDays) : null),
    Input: PaymentTermField,
    format: (value, { t }) =>
      value.paymentTermDays.trim() ? t.paymentTerm(Number(value.paymentTermDays)) : "",
  },
  language: {
    section: "contact",
    empty: "ES",
    read: (customer) => customer.language,
    // Spanish is what a customer has of whom nothing is said.
    write: (value) => (value.language === "ES" ? null : value.language),
    Input: LanguageField,
    format: (value, { t }) => t.languages[value.language],
  },
  associatedPersons: {
    section: "persons",
    empty: [],
    read: (customer) =>
      customer.associatedPersons.map((person) => ({
        name: person.name,
        email: person.email ?? "",
        phone: formatPhone(person.phone ?? ""),
        notify: person.notify,
      })),
    write: (value) =>
      value.associatedPersons.map((person) => ({
        name: person.name,
        email: person.email.trim() || null,
        phone: person.phone.trim() || null,
        notify: person.notify,
      })),
    Input: PersonsField,
    format: (value) =>
      value.associatedPersons
        .map((person) => [person.name, person.email, person.phone].filter(Boolean).join(" "))
        .join("; "),
    display: null, // the page has a card for them
  },
  tags: {
    section: "other",
    empty: "",
    read: (customer) => customer.tags.join(", "),
    write: (value) => readTags(value.tags),
    Input: TagsField,
    format: (value) => value.tags,
    display: ({ tags }) => <TagList tags={tags} />,
  },
  externalId: text("externalId", { section: "other", hint: "externalIdHint" }),
  metadata: {
    section: "other",
    empty: [],
    read: ({ metadata }) => metadata.map(({ key, value }) => ({ key, value })),
    write: (value) => [...value.metadata],
    Input: null, // programs write it
    format: ({ metadata }) => metadata.map(({ key, value }) => `${key}: ${value}`).join("; "),
    display: ({ metadata }) => <MetadataList metadata={metadata} />,
  },
};

export const CUSTOMER_FIELD_NAMES = Object.keys(CUSTOMER_FIELDS) as CustomerFieldName[];

/** A function that says a field's value in the language of the page. */
export function useFormatField(): (name: CustomerFieldName, value: CustomerFormValue) => string {
  const t = useMessages(customers);
  const countryName = useCountryName();
  return (name, value) => CUSTOMER_FIELDS[name].format(value, { t, countryName });
}
