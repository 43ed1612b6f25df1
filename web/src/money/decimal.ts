/**
 * Exact numbers: text outside, whole numbers inside, never a float.
 *
 * The service takes digits and a dot. People also write a currency, separate thousands, or put a comma before decimals:
 * "B/. 1,250.00", "12,50". What has one meaning is read. "1,250" has two, so it is a fault.
 */

/** A number in millionths: 1.5 is 1_500_000n. */
export type Micros = bigint;

/** An amount in cents: 1.50 is 150n. */
export type Cents = bigint;

/** Why a text is not a number for an invoice. */
export type NumberFault = "empty" | "ambiguous" | "noNumber" | "negative" | "tooLarge" | "tooPrecise";

const DECIMALS = 6;
const INTEGER_DIGITS = 9;

const CURRENCY = /^(-?)\s*(?:B\/\.?|US\$|\$|USD\b|PAB\b)\s*|\s*(?:USD|PAB)$/gi;

/** Writes a number as the service reads it, "1,250.00" as "1250.00"; undefined if it has no meaning, or two. */
export function normalizeDecimal(typed: string): string | undefined {
  const read = normalize(typed);
  return typeof read === "string" ? read : undefined;
}

/** The two meanings of an ambiguous number: of "1,250" these are "1250" and "1.250". */
export function meaningsOf(typed: string): [string, string] {
  const text = typed.trim().replace(CURRENCY, "$1");
  return [text.replace(",", ""), text.replace(",", ".")];
}

/** Reads what somebody typed as a quantity, a price or a discount. */
export function readDecimal(typed: string): Micros | NumberFault {
  const text = normalize(typed);
  if (typeof text !== "string") return text.fault;
  const [, sign = "", integer = "", decimals = ""] = /^(-?)(\d*)\.?(\d*)$/.exec(text) ?? [];
  const significant = decimals.replace(/0+$/, "");
  if (sign !== "" && /[1-9]/.test(integer + significant)) return "negative";
  if (integer.replace(/^0+/, "").length > INTEGER_DIGITS) return "tooLarge";
  if (significant.length > DECIMALS) return "tooPrecise";
  return BigInt(integer + significant.padEnd(DECIMALS, "0"));
}

function normalize(typed: string): string | { fault: NumberFault } {
  const text = typed.trim().replace(CURRENCY, "$1");
  if (text === "") return { fault: typed.trim() === "" ? "empty" : "noNumber" };
  const [, sign = "", digits = ""] = /^(-?)(.*)$/.exec(text) ?? [];
  if (/^(\d+\.?\d*|\.\d+)$/.test(digits)) return sign + digits;
  // Three digits after a comma are decimals only where thousands would never be separated: 0,125 and 1234,567.
  if (/^[1-9]\d{0,2},\d{3}$/.test(digits)) return { fault: "ambiguous" };
  if (/^\d*,\d+$/.test(digits)) return sign + digits.replace(",", ".");
  for (const { thousands, decimals } of SEPARATED) {
    const [whole = "", ...rest] = decimals ? digits.split(decimals) : [digits];
    const groups = whole.split(thousands);
    const isGrouped =
      groups.length > 1 && groups.every((group, index) => (index ? /^\d{3}$/ : /^\d{1,3}$/).test(group));
    if (isGrouped && rest.length <= 1 && rest.every((part) => /^\d*$/.test(part))) {
      return sign + [groups.join(""), ...rest].join(".");
    }
  }
  return { fault: "noNumber" };
}

/** The ways to separate thousands, each with the decimals that it goes with. Blanks may be any that Unicode has. */
const SEPARATED = [
  { thousands: ",", decimals: "." },
  { thousands: ".", decimals: "," },
  { thousands: /\s/, decimals: "." },
  { thousands: /\s/, decimals: "," },
];

/** Whether a text was read as a number. */
export function isNumber(read: Micros | NumberFault): read is Micros {
  return typeof read === "bigint";
}

/** Writes cents as the server writes an amount: 150n is "1.50". */
export function writeCents(cents: Cents): string {
  const digits = cents.toString().padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** The sum of amounts as the server writes them, which may be below zero: "1.50" and "-2.00" are "-0.50". */
export function sumAmounts(amounts: readonly string[]): string {
  const sum = amounts.reduce((sum, amount) => sum + BigInt(amount.replace(".", "")), 0n);
  return sum < 0n ? `-${writeCents(-sum)}` : writeCents(sum);
}
