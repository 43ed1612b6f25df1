import { expect, test } from "vitest";
import { addDays, addMonths, readDate, weeksOf, writeDate } from "./dates";

test.each([
  ["", ""],
  ["31/12/2026", "2026-12-31"],
  [" 1/2/26 ", "2026-02-01"],
  ["01-02-2026", "2026-02-01"],
  ["1.2.2026", "2026-02-01"],
  ["01022026", "2026-02-01"],
  ["29/02/2028", "2028-02-29"],
  ["2026-12-31", "2026-12-31"],
])("%j is the date %j", (typed, date) => {
  expect(readDate(typed)).toBe(date);
});

test.each(["31/12", "12/31/2026", "30/02/2026", "29/02/2026", "0/1/2026", "hoy", "1/2/202", "2026-13-01"])(
  "%j is no date",
  (typed) => {
    expect(readDate(typed)).toBeUndefined();
  },
);

test("a date is written with the day first", () => {
  expect(writeDate("2026-12-31")).toBe("31/12/2026");
});

test("days and months are added over their ends", () => {
  expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
  expect(addDays("2026-03-01", -1)).toBe("2026-02-28");
  expect(addMonths("2026-01-31", 1)).toBe("2026-02-28");
  expect(addMonths("2026-01-15", -1)).toBe("2025-12-15");
});

test("a month's weeks begin on Monday and hold all of its days", () => {
  const weeks = weeksOf("2026-11-26");
  expect(weeks[0]?.[0]).toBe("2026-10-26");
  expect(weeks.at(-1)?.at(-1)).toBe("2026-12-06");
  expect(weeks.flat().filter((day) => day.startsWith("2026-11"))).toHaveLength(30);
  expect(weeksOf("2027-02-01")).toHaveLength(4);
});
