import { expect, test } from "vitest";
import { fiscal } from "@/i18n/fiscal";
import { placeOf } from "./faultPlace";

test.each([
  [["lines", "1", "cpbs"], null, "Línea 2 · CPBS"],
  [["lines", "0"], null, "Línea 1"],
  [["lines"], 3, "Línea 3"],
  [["lines"], null, "Líneas"],
  [["customer", "foreignId", "country"], null, "Cliente · identificación · país"],
  [["withholding", "amount"], null, "Retención · monto"],
  [["dueDate"], null, "Vencimiento"],
  [null, 4, "Línea 4"],
  [null, null, undefined],
  [["somethingNew"], null, undefined],
])("%j in line %j is %j", (path, line, place) => {
  expect(placeOf(path, line, fiscal.es)).toBe(place);
});
