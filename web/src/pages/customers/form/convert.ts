/** Converts a customer to the values of its form, and these to what is sent. */

import type { CustomerInput, CustomerPatch, EditableCustomerFragment } from "@/graphql";
import { CUSTOMER_FIELD_NAMES, CUSTOMER_FIELDS } from "../fields";
import type { CustomerFormValue, FieldRules } from "./values";

export const EMPTY_CUSTOMER = Object.fromEntries(
  CUSTOMER_FIELD_NAMES.map((name) => [name, CUSTOMER_FIELDS[name].empty]),
) as CustomerFormValue;

/** A customer as the form shows it. */
export function fromCustomer(customer: EditableCustomerFragment): CustomerFormValue {
  return Object.fromEntries(
    CUSTOMER_FIELD_NAMES.map((name) => [name, CUSTOMER_FIELDS[name].read(customer)]),
  ) as CustomerFormValue;
}

/** What is sent, without the fields that the form doesn't show. */
export function toCustomerInput(
  value: CustomerFormValue,
  rules: FieldRules,
  completeFromRegistry = false,
): CustomerInput {
  const written = CUSTOMER_FIELD_NAMES.map((name) => {
    const { empty, write } = CUSTOMER_FIELDS[name];
    if (!rules.get(name)?.forbidden) return [name, write(value, rules)];
    return [name, Array.isArray(empty) ? [] : null];
  });
  const input = Object.fromEntries(written) as CustomerInput;
  return completeFromRegistry ? { ...input, completeFromRegistry } : input;
}

/** The fields of `after` that differ from `before`. */
export function toCustomerPatch(before: CustomerInput, after: CustomerInput): CustomerPatch {
  const names = Object.keys(after) as (keyof CustomerInput)[];
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return Object.fromEntries(changed.map((name) => [name, after[name]]));
}
