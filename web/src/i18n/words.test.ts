import { expect, test } from "vitest";
import { account } from "./account";
import { common } from "./common";
import { customers } from "./customers";
import { emission } from "./emission";
import { fiscal } from "./fiscal";
import { home } from "./home";
import { invoices } from "./invoices";
import { paymentMethods } from "./payment";
import { signInMessages } from "./signIn";

const AREAS = {
  account,
  common,
  customers,
  emission,
  fiscal,
  home,
  invoices,
  paymentMethods,
  signInMessages,
};
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

/** The texts of these words about one thing: functions whose value is called `count`, `days` or `left`, a number or its text. */
function textsOfOne(words: unknown): string[][] {
  if (typeof words === "function") {
    const write = words as (count: unknown, more: unknown) => string;
    return /^\((count|days|left)\b/.test(words.toString()) ? [[write(1, 1), write("1", "1")]] : [];
  }
  return typeof words === "object" && words ? Object.values(words).flatMap(textsOfOne) : [];
}

test("one of them is told in the singular", () => {
  const texts = textsOfOne(Object.values(AREAS).flatMap(({ es, en }) => [es, en]));
  expect(texts.length).toBeGreaterThan(10);
  const inDays = ["En 1 días", "In 1 days"]; // of keys, which last 30 days or more
  expect(
    texts.filter((ways) =>
      ways.every((text) => /(^1| 1) \p{L}+s\b|\bQuedan 1\b/u.test(text) && !inDays.includes(text)),
    ),
  ).toEqual([]);
});
