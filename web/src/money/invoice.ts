/**
 * The totals of an invoice while it is being typed, equal to the server's to the cent.
 *
 * This repeats `rules/invoice.py`; `vectors.json` holds the results of that file.
 */

import { type Cents, isNumber, type Micros, readDecimal, writeCents } from "./decimal";

export type ItbmsRate = "EXEMPT" | "RATE_7" | "RATE_10" | "RATE_15";

/** Percent. */
export const RATES: Record<ItbmsRate, bigint> = { EXEMPT: 0n, RATE_7: 7n, RATE_10: 10n, RATE_15: 15n };

/** The numbers of a line as somebody types them. An empty discount is none. */
export interface TypedLine {
  quantity: string;
  unitPrice: string;
  discount: string;
  itbmsRate: ItbmsRate;
}

/** The amounts of a line, with two decimals. */
export interface LineAmounts {
  net: string;
  itbms: string;
  total: string;
}

export interface Totals {
  subtotal: string;
  /** For information: the net amounts are after discounts. */
  discountTotal: string;
  itbmsTotal: string;
  total: string;
  /** For the rates that the lines have. */
  taxes: { rate: ItbmsRate; base: string; amount: string }[];
  /** Whether the total or the discount exceeds the 11 digits that an invoice can have. */
  tooLarge: boolean;
}

const TOTAL_LIMIT: Cents = 10n ** 13n;

/** Computes the amounts of the lines, null for an incomplete or wrong line, and the totals of the others. */
export function computeInvoice(lines: readonly TypedLine[]): {
  lines: (LineAmounts | null)[];
  totals: Totals;
} {
  const computed = lines.map(computeLine);
  const right = computed.filter((line) => line !== null);
  const subtotal = sum(right.map((line) => line.net));
  const discountTotal = sum(right.map((line) => line.discount));
  const itbmsTotal = sum(right.map((line) => line.itbms));
  const total = subtotal + itbmsTotal;
  const rates = (Object.keys(RATES) as ItbmsRate[]).filter((rate) =>
    right.some((line) => line.rate === rate),
  );
  return {
    lines: computed.map(
      (line) =>
        line && {
          net: writeCents(line.net),
          itbms: writeCents(line.itbms),
          total: writeCents(line.net + line.itbms),
        },
    ),
    totals: {
      subtotal: writeCents(subtotal),
      discountTotal: writeCents(discountTotal),
      itbmsTotal: writeCents(itbmsTotal),
      total: writeCents(total),
      taxes: rates.map((rate) => {
        const taxed = right.filter((line) => line.rate === rate);
        return {
          rate,
          base: writeCents(sum(taxed.map((line) => line.net))),
          amount: writeCents(sum(taxed.map((line) => line.itbms))),
        };
      }),
      tooLarge: total >= TOTAL_LIMIT || discountTotal >= TOTAL_LIMIT,
    },
  };
}

interface ComputedLine {
  rate: ItbmsRate;
  net: Cents;
  itbms: Cents;
  discount: Cents;
}

function computeLine(line: TypedLine): ComputedLine | null {
  const quantity = readDecimal(line.quantity);
  const unitPrice = readDecimal(line.unitPrice);
  const discount = line.discount.trim() === "" ? 0n : readDecimal(line.discount);
  if (!isNumber(quantity) || !isNumber(unitPrice) || !isNumber(discount)) return null;
  if (quantity === 0n || discount > unitPrice) return null;
  const net = toCents(quantity, unitPrice - discount);
  return {
    rate: line.itbmsRate,
    net,
    itbms: (net * RATES[line.itbmsRate] + 50n) / 100n,
    discount: toCents(quantity, discount),
  };
}

/** Multiplies quantity and price and rounds half up to cents. */
function toCents(quantity: Micros, price: Micros): Cents {
  return (quantity * price + 5n * 10n ** 9n) / 10n ** 10n;
}

function sum(amounts: Cents[]): Cents {
  return amounts.reduce((before, amount) => before + amount, 0n);
}
