/** What the form of an invoice holds, all of it as text, and what is sent. */

import type { Currency, CustomerInput, InvoiceInput, InvoicePatch, InvoiceQuery, ItbmsRate } from "@/graphql";
import type { Refusals } from "@/graphql/errors";
import { readDecimal } from "@/money/decimal";
import { randomKey } from "@/randomKey";

export interface FormLine {
  /** Stays with the line when it is moved. */
  key: string;
  description: string;
  quantity: string;
  unitPrice: string;
  discount: string;
  itbmsRate: ItbmsRate;
}

export interface InvoiceFields {
  billingPoint: string;
  issueDate: string;
  dueDate: string;
  currency: Currency;
  notes: string;
  lines: FormLine[];
}

/** The customer of an invoice: one that exists, or a new one that is saved along with the invoice. */
export type ChosenCustomer =
  | { kind: "existing"; id: string; name: string; identification: string }
  | { kind: "new"; input: CustomerInput };

/** An invoice that is being written. */
export interface InvoiceDraft {
  fields: InvoiceFields;
  customer: ChosenCustomer | null;
  /** While the dialog for a new customer is open: the text that was searched for. */
  newCustomerSearch: string | null;
  /** The version that is edited; null for a new invoice, or to overwrite any version. */
  version: number | null;
}

export function emptyLine(itbmsRate: ItbmsRate = "RATE_7"): FormLine {
  return { key: randomKey(), description: "", quantity: "1", unitPrice: "", discount: "", itbmsRate };
}

export function emptyDraft(): InvoiceDraft {
  return {
    fields: {
      billingPoint: "",
      issueDate: "",
      dueDate: "",
      currency: "PAB",
      notes: "",
      lines: [emptyLine()],
    },
    customer: null,
    newCustomerSearch: null,
    version: null,
  };
}

export type Invoice = NonNullable<InvoiceQuery["invoice"]>;
export type Account = InvoiceQuery["viewer"]["account"];

/** An invoice as its form shows it. */
export function toDraft(invoice: Invoice): InvoiceDraft {
  const { id, name, identification } = invoice.customer;
  return {
    ...emptyDraft(),
    version: invoice.version,
    customer: { kind: "existing", id, name, identification },
    fields: {
      billingPoint: invoice.billingPoint,
      issueDate: invoice.issueDate,
      dueDate: invoice.dueDate ?? "",
      currency: invoice.currency,
      notes: invoice.notes ?? "",
      lines: invoice.lines.map((line) => ({
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
export function toInvoiceInput(fields: InvoiceFields): Omit<InvoiceInput, "issue"> & InvoicePatch {
  return {
    ...(fields.billingPoint && { billingPoint: fields.billingPoint }),
    issueDate: fields.issueDate || null,
    dueDate: fields.dueDate || null,
    currency: fields.currency,
    notes: fields.notes.trim() || null,
    lines: fields.lines.map((line) => ({
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
export interface UnreadableNumber {
  path: ["lines", key: string, field: (typeof NUMBERS)[number]];
  fault: "empty" | "comma" | "noNumber";
}

export function findUnreadable(lines: readonly FormLine[]): UnreadableNumber[] {
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

/** The first parts of the paths that the form has fields for. */
const SHOWN = new Set(
  "customerId newCustomer idempotencyKey billingPoint issueDate dueDate currency notes lines".split(" "),
);

/**
 * The refusals of a mutation with paths as in the form: without the leading "input", and with a line's key in place of its
 * index, so that a refusal stays with its line when the line is moved. What the form has no field for gets an empty path.
 */
export function toFormPaths(refusals: Refusals, lines: readonly FormLine[]): Refusals {
  return refusals.map((refusal) => {
    const path = refusal.path[0] === "input" ? refusal.path.slice(1) : refusal.path;
    const line = path[0] === "lines" && path[1] !== undefined ? lines[Number(path[1])] : undefined;
    if (line) return { ...refusal, path: ["lines", line.key, ...path.slice(2)] };
    return { ...refusal, path: SHOWN.has(path[0] ?? "") ? path : [] };
  });
}
