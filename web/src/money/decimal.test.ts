import { expect, test } from "vitest";
import { meaningsOf, normalizeDecimal, readDecimal, sumAmounts, writeCents } from "./decimal";

test.each([
  ["1", 1_000_000n],
  [" 12.50 ", 12_500_000n],
  [".5", 500_000n],
  ["5.", 5_000_000n],
  ["0.000001", 1n],
  ["1.1000000000", 1_100_000n],
  ["0000000000001", 1_000_000n],
  ["999999999.999999", 999_999_999_999_999n],
  ["-0", 0n],
])("%j is a number", (text, micros) => {
  expect(readDecimal(text)).toBe(micros);
});

// As people write them, and the spreadsheets that they copy from.
test.each([
  ["12,50", "12.50"],
  ["12,5", "12.5"],
  [",50", ".50"],
  ["0,125", "0.125"],
  ["1234,567", "1234.567"],
  ["1,250.00", "1250.00"],
  ["1,250.5", "1250.5"],
  ["12,345,678", "12345678"],
  ["1,234,567.89", "1234567.89"],
  ["1.234,50", "1234.50"],
  ["1.234.567", "1234567"],
  ["1.234.567,8", "1234567.8"],
  ["1 250.00", "1250.00"],
  ["1\u00a0250,00", "1250.00"],
  ["$12.50", "12.50"],
  ["US$ 12.50", "12.50"],
  ["B/. 12.50", "12.50"],
  ["B/.1,250.00", "1250.00"],
  ["b/ 3", "3"],
  ["12.50 USD", "12.50"],
  ["-$5", "-5"],
  ["1.250", "1.250"],
])("%j is written %j for the service", (typed, written) => {
  expect(normalizeDecimal(typed)).toBe(written);
});

test.each([
  ["", "empty"],
  ["  ", "empty"],
  ["1,250", "ambiguous"],
  ["$999,999", "ambiguous"],
  ["1,25,000", "noNumber"],
  ["1,250.00.0", "noNumber"],
  ["1.250,00,0", "noNumber"],
  ["1,2345.00", "noNumber"],
  ["12,", "noNumber"],
  ["$", "noNumber"],
  ["-1", "negative"],
  ["-1,50", "negative"],
  ["-0.000001", "negative"],
  ["1000000000", "tooLarge"],
  ["1,000,000,000", "tooLarge"],
  ["0.0000001", "tooPrecise"],
  [".", "noNumber"],
  [",", "noNumber"],
  ["1e3", "noNumber"],
  ["1.2.3", "noNumber"],
  ["1 00", "noNumber"],
  ["١", "noNumber"],
  ["NaN", "noNumber"],
  ["mil", "noNumber"],
])("%j is not a number: %s", (text, fault) => {
  expect(readDecimal(text)).toBe(fault);
});

test("an ambiguous number is explained by its two meanings", () => {
  expect(meaningsOf("B/. 1,250")).toEqual(["1250", "1.250"]);
});

test.each([
  [0n, "0.00"],
  [7n, "0.07"],
  [150n, "1.50"],
  [9_999_999_999_999n, "99999999999.99"],
])("%s cents are %s", (cents, text) => {
  expect(writeCents(cents)).toBe(text);
});

test("amounts are added up exactly, below zero too", () => {
  expect(sumAmounts([])).toBe("0.00");
  expect(sumAmounts(["0.10", "0.20"])).toBe("0.30");
  expect(sumAmounts(["99999999999.99", "0.01"])).toBe("100000000000.00");
  expect(sumAmounts(["1.50", "-2.00"])).toBe("-0.50");
  expect(sumAmounts(["-0.05", "0.02"])).toBe("-0.03");
});
