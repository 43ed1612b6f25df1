import { expect, test } from "vitest";
import { computeInvoice, type ItbmsRate, type TypedLine } from "./invoice";
import vectors from "./vectors.json";

function typed(line: string[]): TypedLine {
  const [quantity = "", unitPrice = "", discount = "", rate = ""] = line;
  return { quantity, unitPrice, discount, itbmsRate: rate as ItbmsRate };
}

test("every invoice has the totals that the server's rules compute", () => {
  for (const { invoice, answer } of vectors) {
    const { lines, totals } = computeInvoice(invoice.map(typed));
    expect(totals.tooLarge, JSON.stringify(invoice)).toBe(answer === null);
    if (answer === null) continue;
    expect({
      lines: lines.map((line) => line && [line.net, line.itbms, line.total]),
      totals: [totals.subtotal, totals.discountTotal, totals.itbmsTotal, totals.total],
      taxes: totals.taxes.map((tax) => [tax.rate, tax.base, tax.amount]),
    }).toEqual(answer);
  }
});

const right: TypedLine = { quantity: "3", unitPrice: "5.55", discount: "", itbmsRate: "RATE_7" };

test.each([
  ["no quantity", { quantity: "" }],
  ["a quantity of zero", { quantity: "0.00" }],
  ["an ambiguous comma", { unitPrice: "5,555" }],
  ["a discount above the price", { discount: "5.56" }],
  ["a negative discount", { discount: "-1" }],
])("a line with %s has no amounts and counts for nothing", (_, wrong) => {
  const { lines, totals } = computeInvoice([{ ...right, ...wrong }, right]);

  expect(lines).toEqual([null, { net: "16.65", itbms: "1.17", total: "17.82" }]);
  expect(totals.total).toBe("17.82");
});

test("an invoice without lines has totals of zero", () => {
  expect(computeInvoice([]).totals).toEqual({
    subtotal: "0.00",
    discountTotal: "0.00",
    itbmsTotal: "0.00",
    total: "0.00",
    taxes: [],
    tooLarge: false,
  });
});
