import { expect, test } from "vitest";
import { optionOf, pointOptions, readPoint, writePoint } from "./points";

const points = [
  { branch: "0000", code: "001", name: null },
  { branch: "0001", code: "001", name: "Caja" },
  { branch: "0001", code: "002", name: null },
];
const branches = [
  { code: "0000", name: null },
  { code: "0001", name: "Chitré" },
];

test("points are named with their branch where there are several", () => {
  expect(pointOptions(points, branches).map(([, text]) => text)).toEqual([
    "0000 / 001",
    "0001 Chitré / 001 · Caja",
    "0001 Chitré / 002",
  ]);
  expect(pointOptions(points.slice(0, 1), branches.slice(0, 1))).toEqual([["0000-001", "001"]]);
});

test("a code alone is enough while only one branch has it", () => {
  expect(optionOf(points, readPoint("002"))).toBe("0001-002");
  expect(optionOf(points, readPoint("001"))).toBe("");
  expect(optionOf(points, readPoint("0000-001"))).toBe("0000-001");
  expect(optionOf(points, readPoint("0000-009"))).toBe("");
  expect(writePoint(readPoint("0001-002"))).toBe("0001-002");
  expect(writePoint(readPoint(""))).toBe("");
});
