/** Formats values as people in Panama write them. */

import { useMemo } from "react";
import type { Currency } from "@/graphql/generated/graphql";
import { type Language, useLanguage } from "@/i18n";

const LOCALES: Record<Language, string> = { es: "es-PA", en: "en-GB" };
const SYMBOLS: Record<Currency, string> = { PAB: "B/.", USD: "US$" };
const ZONE = "America/Panama";
const DAY = { day: "numeric", month: "short", year: "numeric" } as const; // es-PA would put the month first

function createFormats(language: Language) {
  const locale = LOCALES[language];
  const amount = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const quantity = new Intl.NumberFormat(locale, { maximumFractionDigits: 6 });
  const price = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 6 });
  const count = new Intl.NumberFormat(locale);
  const date = new Intl.DateTimeFormat(locale, { ...DAY, timeZone: "UTC" });
  const month = new Intl.DateTimeFormat(locale, { month: "short", year: "numeric", timeZone: "UTC" });
  const shortMonth = new Intl.DateTimeFormat(locale, { month: "short", timeZone: "UTC" });
  const share = new Intl.NumberFormat(locale, {
    style: "percent",
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const moment = new Intl.DateTimeFormat(locale, {
    ...DAY,
    hour: "numeric",
    minute: "2-digit",
    timeZone: ZONE,
  });
  return {
    /** "1234.5" → "1,234.50"; exact, however large the number. */
    amount: (value: string) => amount.format(value as Intl.StringNumericLiteral),
    /** "1234.5" → "B/. 1,234.50" */
    money: (value: string, currency: Currency = "PAB") =>
      `${SYMBOLS[currency]} ${amount.format(value as Intl.StringNumericLiteral)}`,
    /** "1234.125" → "1,234.125" */
    quantity: (value: string) => quantity.format(value as Intl.StringNumericLiteral),
    /** The price of a unit, which may be finer than cents: "1234.5" → "1,234.50", "0.125" → "0.125" */
    price: (value: string) => price.format(value as Intl.StringNumericLiteral),
    count: (value: number) => count.format(value),
    /** "2026-11-24" → "24 nov 2026" */
    date: (value: string) => date.format(new Date(`${value}T00:00:00Z`)),
    /** "2026-11-01" → "nov 2026" */
    month: (value: string) => month.format(new Date(`${value}T00:00:00Z`)),
    /** "2026-11-01" → "nov" */
    shortMonth: (value: string) => shortMonth.format(new Date(`${value}T00:00:00Z`)),
    /** 0.125 → "12.5%" */
    share: (value: number) => share.format(value),
    /** A point in time, in Panama's time zone. */
    moment: (value: string) => moment.format(new Date(value)),
  };
}

export function useFormats() {
  const [language] = useLanguage();
  return useMemo(() => createFormats(language), [language]);
}

/** "+50766123456" → "6612-3456", "+5072123456" → "212-3456"; other numbers stay as they are. */
export function formatPhone(e164: string): string {
  const local = /^\+507(\d{3,4})(\d{4})$/.exec(e164);
  return local ? `${local[1]}-${local[2]}` : e164;
}
