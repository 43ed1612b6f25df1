import { expect, test } from "vitest";
import { account } from "./account";
import { common } from "./common";
import { customers } from "./customers";
import { emission } from "./emission";
import { fiscal } from "./fiscal";
import { invoices } from "./invoices";
import { paymentMethods } from "./payment";
import { signInMessages } from "./signIn";

const AREAS = { account, common, customers, emission, fiscal, invoices, paymentMethods, signInMessages };
const MOMENT = "27 nov 2026, 2:14 a. m.";

/** All texts of these words that contain a moment: functions whose value is called `when` or `moment`. */
function momentTexts(words: unknown): string[] {
  if (typeof words === "function") {
    const write = words as (when: string, more: string) => string;
    return /^\((when|moment)\b/.test(words.toString()) ? [write(MOMENT, "")] : [];
  }
  return typeof words === "object" && words ? Object.values(words).flatMap(momentTexts) : [];
}

test("no full stop follows a moment, which ends in one in Spanish", () => {
  const texts = momentTexts(Object.values(AREAS).map(({ es }) => es));
  expect(texts.length).toBeGreaterThan(5);
  expect(texts.filter((text) => text.includes(`${MOMENT}.`))).toEqual([]);
});
