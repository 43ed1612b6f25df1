import { expect, test } from "vitest";
import { readDecimal, writeCents } from "./decimal";

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

test.each([
  ["", "empty"],
  ["  ", "empty"],
  ["1,5", "comma"],
  ["1,234.50", "comma"],
  ["1.234,50", "comma"],
  ["-1", "negative"],
  ["-0.000001", "negative"],
  ["1000000000", "tooLarge"],
  ["0.0000001", "tooPrecise"],
  [".", "noNumber"],
  ["1e3", "noNumber"],
  ["1 000", "noNumber"],
  ["1.2.3", "noNumber"],
  ["١", "noNumber"],
  ["NaN", "noNumber"],
])("%j is not a number: %s", (text, fault) => {
  expect(readDecimal(text)).toBe(fault);
});

test.each([
  [0n, "0.00"],
  [7n, "0.07"],
  [150n, "1.50"],
  [9_999_999_999_999n, "99999999999.99"],
])("%s cents are %s", (cents, text) => {
  expect(writeCents(cents)).toBe(text);
});
