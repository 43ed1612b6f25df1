import { expect, test } from "vitest";
import { timeLeft } from "./fiscalTime";

const now = new Date("2026-11-27T10:00:00-05:00");

test.each([
  ["a week", "2026-12-04T10:00:00-05:00", { unit: "days", count: 7 }],
  ["almost a week", "2026-12-04T09:59:59-05:00", { unit: "days", count: 6 }],
  ["two days", "2026-11-29T10:00:00-05:00", { unit: "days", count: 2 }],
  ["less than two days", "2026-11-29T09:00:00-05:00", { unit: "hours", count: 47 }],
  ["an hour", "2026-11-27T16:00:00Z", { unit: "hours", count: 1 }],
  ["minutes", "2026-11-27T10:59:00-05:00", { unit: "less" }],
  ["this very moment", "2026-11-27T15:00:00Z", { unit: "less" }],
  ["a second ago", "2026-11-27T09:59:59-05:00", { unit: "over" }],
])("%s is said in whole days or hours, never rounded up", (_, until, left) => {
  expect(timeLeft(until, now)).toEqual(left);
});
