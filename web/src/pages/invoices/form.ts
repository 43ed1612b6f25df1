/** What the form of an invoice holds, all of it as text, and what is sent. */

import { readDate, writeDate } from "@/components/dates";
import type { Currency, CustomerInput, InvoiceInput, InvoicePatch, InvoiceQuery, ItbmsRate } from "@/graphql";
import type { Refusals } from "@/graphql/errors";
import { isNumber, type NumberFault, normalizeDecimal, readDecimal } from "@/money/decimal";
import type { CustomerFormValue } from "@/pages/customers/form/values";
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
  /** Dates as people write them. */
  issueDate: string;
  dueDate: string;
  currency: Currency;
  notes: string;
  lines: FormLine[];
}

/** The customer of an invoice: one that exists, or a new one that is saved along with the invoice. */
export type ChosenCustomer =
  | { kind: "existing"; id: string; name: string; identification: string }
  | { kind: "new"; input: CustomerInput; value: CustomerFormValue };

/** An invoice that is being written. */
export interface InvoiceDraft {
  fields: InvoiceFields;
  customer: ChosenCustomer | null;
  /** While the dialog for a new customer is open: the text that was searched for. */
  newCustomerSearch: string | null;
  /** What is edited, as it was before; null for a new invoice. */
  edited: { version: number; fields: InvoiceFields; customer: ChosenCustomer } | null;
}

export function emptyLine(itbmsRate: ItbmsRate = "RATE_7"): FormLine {
  return { key: randomKey(), description: "", quantity: "1", unitPrice: "", discount: "", itbmsRate };
}

/** Whether nothing was typed into the line. */
export function isBlank({ description, quantity, unitPrice, discount }: FormLine): boolean {
  return !`${description}${unitPrice}${discount}`.trim() && ["", "1"].includes(quantity.trim());
}

/** The lines that are sent: those that were left blank below the others are not. */
export function withoutBlankEnd(lines: readonly FormLine[]): FormLine[] {
  const last = lines.findLastIndex((line) => !isBlank(line));
  return lines.slice(0, Math.max(last + 1, 1));
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
    edited: null,
  };
}

export type Invoice = NonNullable<InvoiceQuery["invoice"]>;
export type Account = InvoiceQuery["viewer"]["account"];

/** An invoice as its form shows it, to edit that invoice. */
export function toDraft(invoice: Invoice): InvoiceDraft {
  const fields = toFields(invoice);
  const customer = toChosen(invoice);
  return { ...emptyDraft(), customer, fields, edited: { version: invoice.version, fields, customer } };
}

/** A new invoice with the customer and the lines of another one. */
export function toCopy(invoice: Invoice): InvoiceDraft {
  const fields = { ...toFields(invoice), issueDate: "", dueDate: "" };
  return { ...emptyDraft(), customer: toChosen(invoice), fields };
}

function toChosen({ customer: { id, name, identification } }: Invoice): ChosenCustomer {
  return { kind: "existing", id, name, identification };
}

function toFields(invoice: Invoice): InvoiceFields {
  return {
    billingPoint: invoice.billingPoint,
    issueDate: writeDate(invoice.issueDate ?? ""),
    dueDate: writeDate(invoice.dueDate ?? ""),
    currency: invoice.currency,
    notes: invoice.notes ?? "",
    lines: invoice.lines.map((line) => ({
      key: String(line.position),
      description: line.description,
      quantity: line.quantity,
      unitPrice: line.unitPrice,
      discount: line.discount === "0" ? "" : line.discount,
      itbmsRate: line.itbmsRate,
    })),
  };
}

/** What is sent, with the same fields for a new invoice and for a changed draft. */
export function toInvoiceInput(fields: InvoiceFields): Omit<InvoiceInput, "issue"> & InvoicePatch {
  return {
    ...(fields.billingPoint && { billingPoint: fields.billingPoint }),
    issueDate: readDate(fields.issueDate) || null,
    dueDate: readDate(fields.dueDate) || null,
    currency: fields.currency,
    notes: fields.notes.trim() || null,
    lines: withoutBlankEnd(fields.lines).map((line) => ({
      description: line.description,
      quantity: toNumber(line.quantity),
      unitPrice: toNumber(line.unitPrice),
      discount: toNumber(line.discount) || "0",
      itbmsRate: line.itbmsRate,
    })),
  };
}

function toNumber(typed: string): string {
  return normalizeDecimal(typed) ?? typed.trim();
}

/** The parts of what is sent that differ from what was sent before. */
export function toInvoicePatch(before: InvoicePatch, after: InvoicePatch): InvoicePatch {
  const names = Object.keys(after) as (keyof InvoicePatch)[];
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return Object.fromEntries(changed.map((name) => [name, after[name]]));
}

const NUMBERS = ["quantity", "unitPrice", "discount"] as const;

export type NumberField = (typeof NUMBERS)[number];
export type LineFault = NumberFault | "zero" | "aboveUnitPrice";

/** What is wrong with a number of a line that was typed; nothing is wrong with one that is still missing. */
export function findNumberFault(line: FormLine, field: NumberField): LineFault | undefined {
  const read = readDecimal(line[field]);
  if (!isNumber(read)) return read === "empty" ? undefined : read;
  if (field === "quantity" && read === 0n) return "zero";
  const unitPrice = readDecimal(line.unitPrice);
  if (field === "discount" && isNumber(unitPrice) && read > unitPrice) return "aboveUnitPrice";
  return undefined;
}

/** Something that is missing, or that the service couldn't even read. All other faults are for the service to find. */
export type Unreadable =
  | {
      path: readonly ["lines", key: string, field: NumberField];
      fault: "empty" | "ambiguous" | "noNumber";
      typed: string;
    }
  | { path: readonly ["lines", key: string, field: "description"]; fault: "empty" }
  | { path: readonly ["issueDate" | "dueDate"]; fault: "date" };

export function findUnreadable(fields: InvoiceFields): Unreadable[] {
  const dates = (["issueDate", "dueDate"] as const).filter((name) => readDate(fields[name]) === undefined);
  const lines = withoutBlankEnd(fields.lines).flatMap((line) => [
    ...(line.description.trim()
      ? []
      : [{ path: ["lines", line.key, "description"], fault: "empty" } as const]),
    ...NUMBERS.flatMap((field): Unreadable[] => {
      const fault = readDecimal(line[field]);
      if (fault === "ambiguous" || fault === "noNumber" || (fault === "empty" && field !== "discount")) {
        return [{ path: ["lines", line.key, field], fault, typed: line[field] }];
      }
      return [];
    }),
  ]);
  return [...lines, ...dates.map((name): Unreadable => ({ path: [name], fault: "date" }))];
}

/** The first parts of the paths that the form has fields for. */
const SHOWN = new Set(
  "customerId newCustomer idempotencyKey billingPoint issueDate dueDate currency notes lines".split(" "),
);

/**
 * The refusals of a mutation with paths as in the form: without the leading "input", and with a line's key in place of its
 * index, so that a refusal stays with its line when the line is moved. What the form has no field for gets an empty path.
 * What an existing customer lacks is named by the service after the API's field ("address: Falta …"), which people don't
 * know: that name is left out.
 */
export function toFormPaths(refusals: Refusals, lines: readonly FormLine[]): Refusals {
  return refusals.map((refusal) => {
    const path = refusal.path[0] === "input" ? refusal.path.slice(1) : refusal.path;
    const line = path[0] === "lines" && path[1] !== undefined ? lines[Number(path[1])] : undefined;
    if (line) return { ...refusal, path: ["lines", line.key, ...path.slice(2)] };
    const shown = SHOWN.has(path[0] ?? "") ? path : [];
    return { ...refusal, path: shown, message: withoutFieldName(refusal.message) };
  });
}

/** What is said of an issued invoice, with the service's warnings behind it. */
export function withWarnings(text: string, warnings: readonly { message: string }[]): string {
  return [text, ...warnings.map(({ message }) => withoutFieldName(message))].join(" ");
}

/** "address: Falta «Dirección»." → "Falta «Dirección»." */
export function withoutFieldName(message: string): string {
  return message.replace(/^[a-z][A-Za-z]*(\.[A-Za-z0-9]+)*: /, "");
}
