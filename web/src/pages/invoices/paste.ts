/** Rows that were copied from a spreadsheet, as lines of an invoice. */

import type { ItbmsRate } from "@/graphql";
import { isNumber, readDecimal } from "@/money/decimal";
import { emptyLine, type FormLine } from "./form";

const RATES: [RegExp, ItbmsRate][] = [
  [/^7\s*%$/, "RATE_7"],
  [/^10\s*%$/, "RATE_10"],
  [/^15\s*%$/, "RATE_15"],
  [/^(0\s*%|exento|exempt)$/i, "EXEMPT"],
];

/** Whether the clipboard holds rows of a spreadsheet, and no mere text. */
export function holdsRows(clipboard: DataTransfer): boolean {
  return /\t/.test(clipboard.getData("text/plain")) || /<tr\b/i.test(clipboard.getData("text/html"));
}

/**
 * The lines that rows become: the first text of a row is its description; of its numbers one alone is the price, two are
 * quantity and price, and a third one is the discount unless it is the row's amount. "7 %" is a rate. A row of headings
 * above the others is left out.
 */
export function toLines(text: string, itbmsRate: ItbmsRate): FormLine[] {
  const rows = toCells(text).filter((cells) => cells.some((cell) => cell !== ""));
  const hasNumber = (cells: string[]) => cells.some((cell) => isAmount(cell));
  const [first, second] = rows;
  const isHeaded = first && second && !hasNumber(first) && hasNumber(second);
  return (isHeaded ? rows.slice(1) : rows).map((cells) => toLine(cells, itbmsRate));
}

function toLine(cells: string[], itbmsRate: ItbmsRate): FormLine {
  const rate = cells.map(rateOf).find((found) => found !== undefined);
  const others = cells.filter((cell) => rateOf(cell) === undefined);
  const description = others.find((cell) => cell !== "" && !isAmount(cell)) ?? "";
  const numbers = others.filter(isAmount);
  const [quantity = "1", unitPrice = "", third = ""] = numbers.length === 1 ? ["1", ...numbers] : numbers;
  return {
    ...emptyLine(rate ?? itbmsRate),
    description,
    quantity,
    unitPrice,
    discount: isProduct(quantity, unitPrice, third) ? "" : third,
  };
}

/** The cells of copied rows. A cell with tabs, line breaks or quotes stands in quotes. */
function toCells(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain = "", end] of text.matchAll(
    /(?:"((?:[^"]|"")*)"(?=\t|\r?\n|$)|([^\t\r\n]*))(\t|\r?\n|$)/g,
  )) {
    const cell = quoted === undefined ? plain : quoted.replaceAll('""', '"');
    rows.at(-1)?.push(cell.replace(/\s+/g, " ").trim());
    if (end === "") break;
    if (end !== "\t") rows.push([]);
  }
  return rows;
}

/** Whether a cell is a number, or would be one if it had a single meaning: that is for its field to say. */
function isAmount(cell: string): boolean {
  const read = readDecimal(cell);
  return (
    isNumber(read) ||
    read === "ambiguous" ||
    read === "negative" ||
    read === "tooLarge" ||
    read === "tooPrecise"
  );
}

function rateOf(cell: string): ItbmsRate | undefined {
  return RATES.find(([pattern]) => pattern.test(cell))?.[1];
}

/** Whether a number is the product of two others, to the cent. */
function isProduct(one: string, other: string, product: string): boolean {
  const [a, b, c] = [one, other, product].map(readDecimal);
  if (a === undefined || b === undefined || c === undefined) return false;
  if (!isNumber(a) || !isNumber(b) || !isNumber(c)) return false;
  const difference = a * b - c * 1_000_000n;
  return (difference < 0n ? -difference : difference) < 10n ** 10n;
}
