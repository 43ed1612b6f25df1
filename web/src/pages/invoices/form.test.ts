import { expect, test } from "vitest";
import {
  codesOf,
  emptyDraft,
  emptyInstalment,
  emptyLine,
  emptyPayment,
  findUnreadable,
  toFormPaths,
  toInvoiceInput,
} from "./form";

const { fields } = emptyDraft();

test("what is said of payment is sent as the service reads it", () => {
  const sent = toInvoiceInput({
    ...fields,
    branch: "0001",
    billingPoint: "002",
    paymentForms: [
      { key: "a", method: "CASH", amount: "B/. 1,040.50", description: "queda de otra forma" },
      { key: "b", method: "OTHER", amount: "", description: " Permuta de bienes " },
    ],
    instalments: [{ key: "c", dueDate: "31/12/2026", amount: "66,50" }],
    withholdingCode: "2",
    withholdingAmount: "9",
    purchaseOrder: " OC-7 ",
  });
  expect(sent).toMatchObject({
    branch: "0001",
    billingPoint: "002",
    paymentForms: [
      { method: "CASH", amount: "1040.50", description: null },
      { method: "OTHER", amount: null, description: "Permuta de bienes" },
    ],
    instalments: [{ dueDate: "2026-12-31", amount: "66.50" }],
    withholding: { code: "2", amount: null },
    purchaseOrder: "OC-7",
  });
});

test("nothing said of it sends nothing of it", () => {
  expect(toInvoiceInput(fields)).toMatchObject({
    paymentForms: [],
    instalments: [],
    withholding: null,
    purchaseOrder: null,
    lines: [{ code: null, unit: "und", cpbs: null }],
  });
});

test("an export is sent with its terms, and without a country it has that of the customer's document", () => {
  expect(toInvoiceInput(fields).export).toBeNull();
  expect(toInvoiceInput({ ...fields, incoterm: "FOB", port: " Balboa " }).export).toEqual({
    incoterm: "FOB",
    country: null,
    port: "Balboa",
  });
  const named = toInvoiceInput({ ...fields, incoterm: "CIF", exportCountry: "US" });
  expect(named.export).toEqual({ incoterm: "CIF", country: "US", port: null });
  expect(toInvoiceInput({ ...fields, exportCountry: "US", port: "Balboa" }).export).toBeNull();
});

test("what the service couldn't read is found first", () => {
  const payment = { ...emptyPayment(), key: "a", amount: "1,250" };
  const instalment = { ...emptyInstalment(), key: "b", dueDate: "31/2/2026" };
  const found = findUnreadable({
    ...fields,
    paymentForms: [payment, emptyPayment()],
    instalments: [instalment],
    withholdingCode: "8",
  });
  expect(
    found.filter(({ path }) => path[0] !== "lines").map(({ path, fault }) => [path.join("."), fault]),
  ).toEqual([
    ["paymentForms.a.amount", "ambiguous"],
    ["instalments.b.dueDate", "date"],
    ["instalments.b.amount", "empty"],
    ["withholding.amount", "empty"],
  ]);
});

test("a refusal goes with its row, and what has no field goes to the form", () => {
  const refuse = (...path: string[]) => ({
    __typename: "UserError" as const,
    path,
    code: "REQUIRED" as const,
    message: "x",
    expected: null,
    relatedId: null,
  });
  const rows = { ...fields, paymentForms: [emptyPayment(), { ...emptyPayment(), key: "second" }] };
  const paths = toFormPaths(
    [
      refuse("input", "paymentForms", "1", "amount"),
      refuse("input", "paymentForms"),
      refuse("account", "pac"),
    ],
    rows,
  ).map(({ path }) => path);
  expect(paths).toEqual([["paymentForms", "second", "amount"], ["paymentForms"], []]);
});

test("a line that takes the codes of an earlier one is sent with them", () => {
  const coffee = { code: "CAF-1", unit: "kg", cpbs: "5020" };
  const plain = { code: null, unit: "und", cpbs: null };
  const lines = [coffee, plain].map((earlier) => ({
    ...emptyLine(),
    description: "Café",
    ...codesOf(earlier),
  }));
  expect(lines[1]).toMatchObject({ code: "", unit: null, cpbs: null });
  expect(toInvoiceInput({ ...fields, lines }).lines).toMatchObject([coffee, plain]);
});
