/**
 * Exact numbers, read as the server reads them: text outside, whole numbers inside, never a float.
 *
 * Decimals follow a dot, as people in Panama write them. A comma could mean decimals or thousands, so it is a fault.
 */

/** A number in millionths: 1.5 is 1_500_000n. */
export type Micros = bigint;

/** An amount in cents: 1.50 is 150n. */
export type Cents = bigint;

/** Why a text is not a number for an invoice. */
export type NumberFault = "empty" | "comma" | "noNumber" | "negative" | "tooLarge" | "tooPrecise";

const DECIMALS = 6;
const INTEGER_DIGITS = 9;

/** Reads what somebody typed as a quantity, a price or a discount. */
export function readDecimal(typed: string): Micros | NumberFault {
  const text = typed.trim();
  if (text === "") return "empty";
  if (/^-?[\d.]*,[\d.,]*$/.test(text)) return "comma";
  const parts = /^(-?)(\d*)(?:\.(\d*))?$/.exec(text);
  const [, sign = "", integer = "", decimals = ""] = parts ?? [];
  if (!parts || (integer === "" && decimals === "")) return "noNumber";
  const significant = decimals.replace(/0+$/, "");
  if (sign !== "" && /[1-9]/.test(integer + significant)) return "negative";
  if (integer.replace(/^0+/, "").length > INTEGER_DIGITS) return "tooLarge";
  if (significant.length > DECIMALS) return "tooPrecise";
  return BigInt(integer + significant.padEnd(DECIMALS, "0"));
}

/** Whether a text was read as a number. */
export function isNumber(read: Micros | NumberFault): read is Micros {
  return typeof read === "bigint";
}

/** Writes cents as the server writes an amount: 150n is "1.50". */
export function writeCents(cents: Cents): string {
  const digits = cents.toString().padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
