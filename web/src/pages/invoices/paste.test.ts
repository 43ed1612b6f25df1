import { expect, test } from "vitest";
import { toLines } from "./paste";

const read = (text: string) =>
  toLines(text, "RATE_7").map((line) =>
    [line.description, line.quantity, line.unitPrice, line.discount, line.itbmsRate].join("|"),
  );

test("rows of a spreadsheet become lines: description, quantity, price", () => {
  expect(read("Silla\t2\t1,250.00\r\nMesa\t1\t12,50\r\n")).toEqual([
    "Silla|2|1,250.00||RATE_7",
    "Mesa|1|12,50||RATE_7",
  ]);
});

test("headings and empty rows are left out, and so is the amount of a row", () => {
  expect(read("Artículo\tCant.\tPrecio\tTotal\n\t\t\t\nSilla\t2\t10.50\t21.00\n")).toEqual([
    "Silla|2|10.50||RATE_7",
  ]);
});

test("one number alone is the price, and a third that isn't the amount is the discount", () => {
  expect(read("Entrega\t5.00\nSilla\t2\t10\t1")).toEqual(["Entrega|1|5.00||RATE_7", "Silla|2|10|1|RATE_7"]);
});

test("a rate is read wherever it stands, and a number before the description, too", () => {
  expect(read("3\tRon, botella\t$12.00\t10%\n1\tLibro\t8\tExento")).toEqual([
    "Ron, botella|3|$12.00||RATE_10",
    "Libro|1|8||EXEMPT",
  ]);
});

test("a cell in quotes may hold line breaks, tabs and quotes", () => {
  expect(read('"Silla ""Boquete""\nde roble"\t1\t9.00')).toEqual(['Silla "Boquete" de roble|1|9.00||RATE_7']);
});

test("a column of texts becomes lines without prices", () => {
  expect(read("Silla\nMesa\n")).toEqual(["Silla|1|||RATE_7", "Mesa|1|||RATE_7"]);
});
