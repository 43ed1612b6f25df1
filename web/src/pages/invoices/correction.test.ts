import { expect, test } from "vitest";
import { toCorrection, toCorrectionDraft, toRefusals } from "./correction";
import { type FiscalFault, type Invoice, toCopy } from "./form";

/** The parts of an invoice that its form reads; all others are for its page. */
function invoice(more: Partial<Invoice> = {}): Invoice {
  const line = { description: "Café", quantity: "1", unitPrice: "100", discount: "0", itbmsRate: "RATE_7" };
  return {
    version: 3,
    branch: "0000",
    billingPoint: "001",
    issueDate: "2026-11-27",
    dueDate: null,
    currency: "PAB",
    paymentForms: [{ method: "CREDIT_CARD", amount: "107.00", description: null }],
    instalments: [],
    withholding: null,
    purchaseOrder: "OC-1",
    notes: null,
    lines: [{ ...line, position: 1, code: null, unit: "und", cpbs: null }],
    customer: { id: "c1", name: "Ana", identification: "8-1-1", receiverType: "FINAL_CONSUMER" },
    ...more,
  } as unknown as Invoice;
}

const fault = (more: Partial<FiscalFault>): FiscalFault => ({
  __typename: "FiscalFault",
  code: "2007",
  field: null,
  path: null,
  line: null,
  message: "Falta el CPBS",
  notice: false,
  ...more,
});

test("a correction sends only what was changed, and never what stays", () => {
  const draft = toCorrectionDraft(invoice());
  expect(toCorrection(draft)).toEqual({});
  const [line] = draft.fields.lines;
  if (!line) throw new Error("a line");
  const lines = [{ ...line, cpbs: { code: "1410", name: "Materiales" } }];
  const changed = { ...draft, fields: { ...draft.fields, lines, currency: "USD" as const } };
  expect(toCorrection(changed)).toMatchObject({ lines: [{ cpbs: "1410", unit: "und" }] });
  expect(Object.keys(toCorrection(changed))).toEqual(["lines"]);
});

test("a payment in one form follows the total, several keep their amounts", () => {
  expect(toCorrectionDraft(invoice()).fields.paymentForms).toMatchObject([
    { method: "CREDIT_CARD", amount: "" },
  ]);
  const two = [
    { method: "CASH", amount: "7.00", description: null },
    { method: "CHECK", amount: "100.00", description: null },
  ] as Invoice["paymentForms"];
  const { paymentForms } = toCorrectionDraft(invoice({ paymentForms: two })).fields;
  expect(paymentForms.map(({ amount }) => amount)).toEqual(["7.00", "100.00"]);
});

test("faults stand at their fields; those of the customer lead to it, remarks and unknown places nowhere", () => {
  const draft = toCorrectionDraft(invoice());
  const faults = [
    fault({ path: ["lines", "0", "cpbs"], line: 1 }),
    fault({ path: ["customer", "ruc"], code: "1601", message: "RUC inválido" }),
    fault({ path: ["lines", "0"], notice: true }),
    fault({ path: ["issueDate"] }),
    fault({ path: null }),
    fault({ path: ["somethingNew"] }),
  ];
  expect(
    toRefusals(faults, draft, "c1").map(({ path, message, relatedId }) => [path, message, relatedId]),
  ).toEqual([
    [["lines", draft.fields.lines[0]?.key, "cpbs"], "Falta el CPBS (2007)", null],
    [["customerId"], "RUC inválido (1601)", "c1"],
    [["issueDate"], "Falta el CPBS (2007)", null],
  ]);
});

test("a copy keeps how it is paid, if that isn't usual, but no amounts, days or purchase order", () => {
  const { fields } = toCopy(invoice({ dueDate: "2026-12-27" }), "CASH");
  expect(fields).toMatchObject({ issueDate: "", dueDate: "", instalments: [], purchaseOrder: "" });
  expect(fields.paymentForms).toMatchObject([{ method: "CREDIT_CARD", amount: "" }]);
  expect(toCopy(invoice(), "CREDIT_CARD").fields.paymentForms).toEqual([]);
});
