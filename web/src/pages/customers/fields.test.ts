import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSchema, type GraphQLInputObjectType, Kind } from "graphql";
import { describe, expect, test } from "vitest";
import { type EditableCustomerFragment, EditableCustomerFragmentDoc } from "@/graphql";
import { customers } from "@/i18n/customers";
import { CUSTOMER_FIELD_NAMES, CUSTOMER_FIELDS } from "./fields";
import { EMPTY_CUSTOMER, fromCustomer, toCustomerInput, toCustomerPatch } from "./form/convert";

const schema = buildSchema(readFileSync(join(import.meta.dirname, "../../../../schema.graphql"), "utf8"));
const customerInput = schema.getType("CustomerInput") as GraphQLInputObjectType;

/** The argument that makes the service look the RUC up is no field of a customer. */
const settable = Object.keys(customerInput.getFields()).filter((name) => name !== "completeFromRegistry");

/** A customer with a value in every field that the document reads. */
const CUSTOMER = {
  ...Object.fromEntries(CUSTOMER_FIELD_NAMES.map((name) => [name, `a ${name}`])),
  id: "1",
  version: 1,
  receiverType: "FOREIGN",
  taxpayerType: "NATURAL",
  foreignId: { type: "PASSPORT", number: "AB123456", country: "CO" },
  location: { code: "8-8-7", corregimiento: "Bella Vista", district: "Panamá", province: "Panamá" },
  paymentTermDays: 30,
  language: "EN",
  tags: ["Mayorista", "Colón"],
  metadata: [{ key: "ruta", value: "7" }],
  associatedPersons: [{ id: "2", name: "Ana", email: "ana@example.com", phone: "+5072123456", notify: true }],
} as unknown as EditableCustomerFragment;

test("the table has every field that the service takes", () => {
  expect([...CUSTOMER_FIELD_NAMES].sort()).toEqual(settable.sort());
});

describe.each(CUSTOMER_FIELD_NAMES)("%s", (name) => {
  test("has words in both languages", () => {
    expect(customers.es.fields[name]).toBeTruthy();
    expect(customers.en.fields[name]).toBeTruthy();
  });

  test("is read by the document", () => {
    const selected = EditableCustomerFragmentDoc.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? definition.selectionSet.selections : [],
    );
    const names = selected.map((each) => (each.kind === Kind.FIELD ? each.name.value : ""));
    expect(names).toContain(name === "locationCode" ? "location" : name);
  });

  test("is drawn by an input, its own or that of the RUC, unless programs write it", () => {
    expect(CUSTOMER_FIELDS[name].Input !== null || name === "dv" || name === "metadata").toBe(true);
  });

  test("is shown, sent back as it was read, and sent when it changes", () => {
    const value = fromCustomer(CUSTOMER);
    const words = { t: customers.es, countryName: (code: string) => code };
    expect(CUSTOMER_FIELDS[name].format(value, words)).toBeTruthy();

    const sent = toCustomerInput(value, new Map());
    expect(sent[name]).toBeTruthy();
    const changed = { ...sent, [name]: "changed" };
    expect(Object.keys(toCustomerPatch(sent, changed))).toEqual([name]);
  });

  test("is not sent by an empty form", () => {
    if (name === "receiverType") return;
    expect(toCustomerInput(EMPTY_CUSTOMER, new Map())[name] ?? []).toEqual([]);
  });

  test("is not sent when it is forbidden", () => {
    const rule = { __typename: "FormField", name, label: "", required: false, forbidden: true } as const;
    const rules = new Map([[name, { ...rule, maxLength: null, pattern: null }]]);
    expect(toCustomerInput(fromCustomer(CUSTOMER), rules)[name] ?? []).toEqual([]);
  });
});
