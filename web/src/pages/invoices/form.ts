/** An invoice as it stands in its form: all text, as it is typed. */

import type { Currency, CustomerInput, InvoiceInput, InvoicePatch, InvoiceQuery, ItbmsRate } from "@/graphql";
import type { Refusals } from "@/graphql/errors";
import { readDecimal } from "@/money/decimal";
import { type CustomerFormValue, EMPTY_CUSTOMER } from "@/pages/customers/form/values";

export interface FormLine {
  /** Stays with the line when it is moved. */
  key: string;
  description: string;
  quantity: string;
  unitPrice: string;
  discount: string;
  itbmsRate: ItbmsRate;
}

export interface InvoiceForm {
  billingPoint: string;
  issueDate: string;
  dueDate: string;
  currency: Currency;
  notes: string;
  lines: FormLine[];
}

/** All that an editor holds: it outlives a reload. */
export interface Editing {
  form: InvoiceForm;
  customer: Chosen | null;
  /** The new customer as it is typed, and whether its dialog is open. */
  newCustomer: CustomerFormValue;
  asking: boolean;
  /** Makes one invoice of however many tries. */
  idempotencyKey: string;
  /** Of the draft that is edited. */
  version: number | null;
}

export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

export function emptyLine(itbmsRate: ItbmsRate = "RATE_7"): FormLine {
  return { key: randomKey(), description: "", quantity: "1", unitPrice: "", discount: "", itbmsRate };
}

export function emptyEditing(): Editing {
  return {
    form: { billingPoint: "", issueDate: "", dueDate: "", currency: "PAB", notes: "", lines: [emptyLine()] },
    customer: null,
    newCustomer: EMPTY_CUSTOMER,
    asking: false,
    idempotencyKey: randomKey(),
    version: null,
  };
}

export type Invoice = NonNullable<InvoiceQuery["invoice"]>;
export type Account = InvoiceQuery["viewer"]["account"];
export type BillingPoint = Account["billingPoints"][number];

/** The customer of an invoice: one that is stored, or a new one that will be stored along with the invoice. */
export type Chosen =
  | { kind: "stored"; id: string; name: string; identification: string }
  | { kind: "new"; input: CustomerInput };

export function editingOf(draft: Invoice): Editing {
  const { id, name, identification } = draft.customer;
  return {
    ...emptyEditing(),
    version: draft.version,
    customer: { kind: "stored", id, name, identification },
    form: {
      billingPoint: draft.billingPoint,
      issueDate: draft.issueDate,
      dueDate: draft.dueDate ?? "",
      currency: draft.currency,
      notes: draft.notes ?? "",
      lines: draft.lines.map((line) => ({
        key: randomKey(),
        description: line.description,
        quantity: line.quantity,
        unitPrice: line.unitPrice,
        discount: line.discount === "0" ? "" : line.discount,
        itbmsRate: line.itbmsRate,
      })),
    },
  };
}

/** What is sent, with the same fields for a new invoice and for a changed draft. */
export function inputOf(form: InvoiceForm): Omit<InvoiceInput, "issue"> & InvoicePatch {
  return {
    ...(form.billingPoint && { billingPoint: form.billingPoint }),
    issueDate: form.issueDate || null,
    dueDate: form.dueDate || null,
    currency: form.currency,
    notes: form.notes.trim() || null,
    lines: form.lines.map((line) => ({
      description: line.description,
      quantity: line.quantity.trim(),
      unitPrice: line.unitPrice.trim(),
      discount: line.discount.trim() || "0",
      itbmsRate: line.itbmsRate,
    })),
  };
}

const NUMBERS = ["quantity", "unitPrice", "discount"] as const;

/** A number of a line that the service couldn't even read. All other faults are for the service to find. */
export interface Unreadable {
  path: ["lines", key: string, field: (typeof NUMBERS)[number]];
  fault: "empty" | "comma" | "noNumber";
}

export function unreadable(lines: readonly FormLine[]): Unreadable[] {
  return lines.flatMap((line) =>
    NUMBERS.flatMap((field) => {
      const read = readDecimal(line[field]);
      if (read === "comma" || read === "noNumber" || (read === "empty" && field !== "discount")) {
        return [{ path: ["lines", line.key, field], fault: read }];
      }
      return [];
    }),
  );
}

/** Where the form shows refusals. */
const PLACES = new Set(
  "customerId newCustomer billingPoint issueDate dueDate currency notes lines".split(" "),
);

/**
 * The refusals of a mutation at the places of the form: without the leading "input", and with a line's key in place of
 * its index, so that they stay with the line when it is moved. What is at none of them has an empty path.
 */
export function placed(refusals: Refusals, lines: readonly FormLine[]): Refusals {
  return refusals.map((refusal) => {
    const path = refusal.path[0] === "input" ? refusal.path.slice(1) : refusal.path;
    const line = path[0] === "lines" && path[1] !== undefined ? lines[Number(path[1])] : undefined;
    if (line) return { ...refusal, path: ["lines", line.key, ...path.slice(2)] };
    return { ...refusal, path: PLACES.has(path[0] ?? "") ? path : [] };
  });
}
