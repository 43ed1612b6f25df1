/** What the form of an invoice holds, all of it as text, and what is sent. */

import { readDate, writeDate } from "@/components/dates";
import type {
  Currency,
  CustomerInput,
  DocumentQuery,
  Incoterm,
  InvoiceInput,
  InvoiceLineInput,
  InvoicePatch,
  InvoiceQuery,
  ItbmsRate,
  PaymentMethod,
  ReceiverType,
} from "@/graphql";
import type { Refusal, Refusals } from "@/graphql/errors";
import { isNumber, type NumberFault, normalizeDecimal, readDecimal } from "@/money/decimal";
import type { CustomerFormValue } from "@/pages/customers/form/values";
import { randomKey } from "@/randomKey";

/** An entry of one of the DGI's catalogues. The name of one that was saved earlier isn't known. */
export interface CatalogueEntry {
  code: string;
  name: string;
}

export interface FormLine {
  /** Stays with the line when it is moved. */
  key: string;
  description: string;
  quantity: string;
  unitPrice: string;
  discount: string;
  itbmsRate: ItbmsRate;
  /** The business's own code of what is sold. */
  code: string;
  /** Null for the usual one. */
  unit: CatalogueEntry | null;
  cpbs: CatalogueEntry | null;
}

export interface FormPayment {
  key: string;
  method: PaymentMethod;
  /** One form may leave it out: it is then the rest of the total. */
  amount: string;
  /** For OTHER alone. */
  description: string;
}

export interface FormInstalment {
  key: string;
  dueDate: string;
  amount: string;
}

export interface InvoiceFields {
  branch: string;
  billingPoint: string;
  /** Dates as people write them. */
  issueDate: string;
  dueDate: string;
  currency: Currency;
  /** Of an export; "" where the sale is in Panama. */
  incoterm: Incoterm | "";
  /** "" for that of the customer's document. */
  exportCountry: string;
  port: string;
  paymentForms: FormPayment[];
  instalments: FormInstalment[];
  /** The DGI's code; "" for none. */
  withholdingCode: string;
  /** For the code OTHER_WITHHOLDING alone; the others say themselves how much it is. */
  withholdingAmount: string;
  purchaseOrder: string;
  notes: string;
  lines: FormLine[];
}

export const USUAL_UNIT = "und";
export const OTHER_WITHHOLDING = "8";

/** The customer of an invoice: one that exists, or a new one that is saved along with the invoice. */
export type ChosenCustomer =
  | { kind: "existing"; id: string; name: string; identification: string; receiverType: ReceiverType }
  | { kind: "new"; input: CustomerInput; value: CustomerFormValue };

/** An invoice that is being written. */
export interface InvoiceDraft {
  fields: InvoiceFields;
  customer: ChosenCustomer | null;
  /** While the dialog for a new customer is open: the text that was searched for. */
  newCustomerSearch: string | null;
  /** Whether the issued invoice is mailed; undefined is yes. */
  notify?: boolean;
  /** What is edited, as it was before; null for a new invoice. */
  edited: { version: number; fields: InvoiceFields; customer: ChosenCustomer } | null;
}

export function emptyLine(itbmsRate: ItbmsRate = "RATE_7"): FormLine {
  return {
    key: randomKey(),
    description: "",
    quantity: "1",
    unitPrice: "",
    discount: "",
    itbmsRate,
    code: "",
    unit: null,
    cpbs: null,
  };
}

export function emptyPayment(): FormPayment {
  return { key: randomKey(), method: "CASH", amount: "", description: "" };
}

export function emptyInstalment(): FormInstalment {
  return { key: randomKey(), dueDate: "", amount: "" };
}

/** Whether the line says more than what every line has. */
export function isDetailed({ code, unit, cpbs }: FormLine): boolean {
  return code.trim() !== "" || unit !== null || cpbs !== null;
}

/** Whether the invoice says more of how it is paid than its due date does. */
export function hasTerms(fields: InvoiceFields): boolean {
  const { paymentForms, instalments, withholdingCode, purchaseOrder } = fields;
  return paymentForms.length + instalments.length > 0 || `${withholdingCode}${purchaseOrder}`.trim() !== "";
}

/** Whether nothing was typed into the line. */
export function isBlank(line: FormLine): boolean {
  const { description, quantity, unitPrice, discount } = line;
  const isUntyped = !`${description}${unitPrice}${discount}`.trim() && ["", "1"].includes(quantity.trim());
  return isUntyped && !isDetailed(line);
}

/** The lines that are sent: those that were left blank below the others are not. */
export function withoutBlankEnd(lines: readonly FormLine[]): FormLine[] {
  const last = lines.findLastIndex((line) => !isBlank(line));
  return lines.slice(0, Math.max(last + 1, 1));
}

export function emptyDraft(): InvoiceDraft {
  return {
    fields: {
      branch: "",
      billingPoint: "",
      issueDate: "",
      dueDate: "",
      currency: "PAB",
      incoterm: "",
      exportCountry: "",
      port: "",
      paymentForms: [],
      instalments: [],
      withholdingCode: "",
      withholdingAmount: "",
      purchaseOrder: "",
      notes: "",
      lines: [emptyLine()],
    },
    customer: null,
    newCustomerSearch: null,
    edited: null,
  };
}

export type Invoice = NonNullable<InvoiceQuery["invoice"]>;
/** An invoice or a note. */
export type SalesDocument = NonNullable<DocumentQuery["document"]>;
export type FiscalFault = Invoice["fiscal"]["faults"][number];
export type Account = InvoiceQuery["viewer"]["account"];

/** "001-0000000012" */
export function numberOf({ billingPoint, number }: { billingPoint: string; number: string | null }): string {
  return number ? `${billingPoint}-${number}` : "";
}

/** The notes of an invoice that aren't void, the oldest first. While they stand, it can't be voided. */
export function standingNotes({
  creditNotes,
  debitNotes,
}: Invoice): (Invoice["creditNotes"] | Invoice["debitNotes"])[number][] {
  return [...creditNotes, ...debitNotes].filter(({ status }) => status !== "VOID");
}

/** An invoice as its form shows it, to edit that invoice. */
export function toDraft(invoice: Invoice): InvoiceDraft {
  const fields = toFields(invoice);
  const customer = toChosen(invoice);
  return { ...emptyDraft(), customer, fields, edited: { version: invoice.version, fields, customer } };
}

/**
 * A new invoice with the customer and the lines of another one. Dates and amounts of its payment, and the purchase order,
 * are those of the other one alone. `usualMethod` is how the business's invoices are paid that don't say it.
 */
export function toCopy(invoice: Invoice, usualMethod: PaymentMethod): InvoiceDraft {
  const copied = toFields(invoice);
  const [form, ...others] = copied.paymentForms;
  const isKept = form && others.length === 0 && form.method !== "CREDIT" && form.method !== usualMethod;
  const fields: InvoiceFields = {
    ...copied,
    issueDate: "",
    dueDate: "",
    paymentForms: isKept ? [{ ...form, amount: "" }] : [],
    instalments: [],
    withholdingAmount: "",
    purchaseOrder: "",
  };
  return { ...emptyDraft(), customer: toChosen(invoice), fields };
}

function toChosen({ customer: { id, name, identification, receiverType } }: Invoice): ChosenCustomer {
  return { kind: "existing", id, name, identification, receiverType };
}

function toFields(invoice: Invoice): InvoiceFields {
  const { withholding } = invoice;
  return {
    branch: invoice.branch,
    billingPoint: invoice.billingPoint,
    issueDate: writeDate(invoice.issueDate ?? ""),
    dueDate: writeDate(invoice.dueDate ?? ""),
    currency: invoice.currency,
    incoterm: invoice.export?.incoterm ?? "",
    exportCountry: invoice.export?.country ?? "",
    port: invoice.export?.port ?? "",
    paymentForms: invoice.paymentForms.map(({ method, amount, description }, index) => ({
      key: String(index),
      method,
      amount: amount ?? "",
      description: description ?? "",
    })),
    instalments: invoice.instalments.map(({ dueDate, amount }, index) => ({
      key: String(index),
      dueDate: writeDate(dueDate),
      amount,
    })),
    withholdingCode: withholding?.code ?? "",
    withholdingAmount: withholding?.code === OTHER_WITHHOLDING ? withholding.amount : "",
    purchaseOrder: invoice.purchaseOrder ?? "",
    notes: invoice.notes ?? "",
    lines: invoice.lines.map((line) => ({
      key: String(line.position),
      description: line.description,
      quantity: line.quantity,
      unitPrice: line.unitPrice,
      discount: line.discount === "0" ? "" : line.discount,
      itbmsRate: line.itbmsRate,
      ...codesOf(line),
    })),
  };
}

/** The codes of a stored line, as they are typed. Names of units and classes are looked up where they are shown. */
export function codesOf(line: {
  code: string | null;
  unit: string;
  cpbs: string | null;
}): Pick<FormLine, "code" | "unit" | "cpbs"> {
  return {
    code: line.code ?? "",
    unit: line.unit === USUAL_UNIT ? null : { code: line.unit, name: "" },
    cpbs: line.cpbs ? { code: line.cpbs, name: "" } : null,
  };
}

/** What is sent, with the same fields for a new invoice and for a changed draft. */
export function toInvoiceInput(fields: InvoiceFields): Omit<InvoiceInput, "issue"> & InvoicePatch {
  return {
    ...(fields.branch && { branch: fields.branch }),
    ...(fields.billingPoint && { billingPoint: fields.billingPoint }),
    issueDate: readDate(fields.issueDate) || null,
    dueDate: readDate(fields.dueDate) || null,
    currency: fields.currency,
    export: fields.incoterm
      ? {
          incoterm: fields.incoterm,
          country: fields.exportCountry || null,
          port: fields.port.trim() || null,
        }
      : null,
    paymentForms: fields.paymentForms.map(({ method, amount, description }) => ({
      method,
      amount: toNumber(amount) || null,
      description: method === "OTHER" ? description.trim() : null,
    })),
    instalments: fields.instalments.map(({ dueDate, amount }) => ({
      dueDate: readDate(dueDate) ?? "",
      amount: toNumber(amount),
    })),
    withholding: fields.withholdingCode
      ? {
          code: fields.withholdingCode,
          amount:
            (fields.withholdingCode === OTHER_WITHHOLDING && toNumber(fields.withholdingAmount)) || null,
        }
      : null,
    purchaseOrder: fields.purchaseOrder.trim() || null,
    notes: fields.notes.trim() || null,
    lines: toLineInputs(fields.lines),
  };
}

/** The lines that are sent. */
export function toLineInputs(lines: readonly FormLine[]): InvoiceLineInput[] {
  return withoutBlankEnd(lines).map((line) => ({
    description: line.description,
    quantity: toNumber(line.quantity),
    unitPrice: toNumber(line.unitPrice),
    discount: toNumber(line.discount) || "0",
    itbmsRate: line.itbmsRate,
    code: line.code.trim() || null,
    unit: line.unit?.code ?? USUAL_UNIT,
    cpbs: line.cpbs?.code ?? null,
  }));
}

export function toNumber(typed: string): string {
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

export type UnreadableLine =
  | {
      path: readonly ["lines", key: string, field: NumberField];
      fault: "empty" | "ambiguous" | "noNumber";
      typed: string;
    }
  | { path: readonly ["lines", key: string, field: "description"]; fault: "empty" };

/** Something that is missing, or that the service couldn't even read. All other faults are for the service to find. */
export type Unreadable =
  | UnreadableLine
  | { path: readonly ["issueDate" | "dueDate"]; fault: "date" }
  | { path: readonly ["instalments", key: string, "dueDate"]; fault: "date" | "empty"; typed: string }
  | {
      path:
        readonly ["paymentForms" | "instalments", key: string, "amount"] | readonly ["withholding", "amount"];
      fault: "empty" | "ambiguous" | "noNumber";
      typed: string;
    };

export function findUnreadable(fields: InvoiceFields): Unreadable[] {
  const dates = (["issueDate", "dueDate"] as const).filter((name) => readDate(fields[name]) === undefined);
  return [
    ...findUnreadableLines(fields.lines),
    ...dates.map((name): Unreadable => ({ path: [name], fault: "date" })),
    ...findUnreadableTerms(fields),
  ];
}

export function findUnreadableLines(lines: readonly FormLine[]): UnreadableLine[] {
  return withoutBlankEnd(lines).flatMap((line) => [
    ...(line.description.trim()
      ? []
      : [{ path: ["lines", line.key, "description"], fault: "empty" } as const]),
    ...NUMBERS.flatMap((field): UnreadableLine[] => {
      const fault = readDecimal(line[field]);
      if (fault === "ambiguous" || fault === "noNumber" || (fault === "empty" && field !== "discount")) {
        return [{ path: ["lines", line.key, field], fault, typed: line[field] }];
      }
      return [];
    }),
  ]);
}

function* findUnreadableTerms(fields: InvoiceFields): Generator<Unreadable> {
  for (const { key, amount } of fields.paymentForms) {
    const fault = readDecimal(amount);
    if (fault === "ambiguous" || fault === "noNumber") {
      yield { path: ["paymentForms", key, "amount"], fault, typed: amount };
    }
  }
  for (const { key, dueDate, amount } of fields.instalments) {
    const date = readDate(dueDate);
    if (!date)
      yield { path: ["instalments", key, "dueDate"], fault: date === "" ? "empty" : "date", typed: dueDate };
    const fault = readDecimal(amount);
    if (fault === "empty" || fault === "ambiguous" || fault === "noNumber") {
      yield { path: ["instalments", key, "amount"], fault, typed: amount };
    }
  }
  if (fields.withholdingCode === OTHER_WITHHOLDING) {
    const fault = readDecimal(fields.withholdingAmount);
    if (fault === "empty" || fault === "ambiguous" || fault === "noNumber") {
      yield { path: ["withholding", "amount"], fault, typed: fields.withholdingAmount };
    }
  }
}

/** The first parts of the paths that the form has fields for. */
const SHOWN = new Set([
  ...[
    "customerId",
    "newCustomer",
    "idempotencyKey",
    "branch",
    "billingPoint",
    "issueDate",
    "dueDate",
    "currency",
  ],
  ...["export", "paymentForms", "instalments", "withholding", "purchaseOrder", "notes", "lines"],
]);

/**
 * The refusals of a mutation with paths as in the form: without the leading "input", and with the key of a line, a form of
 * payment or an instalment in place of its index, so that a refusal stays with it when it is moved. What the form has no field for gets an empty path.
 * What an existing customer lacks is named by the service after the API's field ("address: Falta …"), which people don't
 * know: that name is left out.
 */
export function toFormPaths(refusals: Refusals, fields: InvoiceFields): Refusals {
  const lists: Record<string, readonly { key: string }[]> = {
    lines: withoutBlankEnd(fields.lines),
    paymentForms: fields.paymentForms,
    instalments: fields.instalments,
  };
  return refusals.map((refusal) => {
    const path = refusal.path[0] === "input" ? refusal.path.slice(1) : refusal.path;
    const [name = "", index, ...rest] = path;
    const row = index === undefined ? undefined : lists[name]?.[Number(index)];
    if (row) return { ...refusal, path: [name, row.key, ...rest] };
    const shown = SHOWN.has(path[0] ?? "") ? path : [];
    return { ...refusal, path: shown, message: withoutFieldName(refusal.message) };
  });
}

/** What the page itself finds wrong, as a refusal. */
export function toRefusal(path: readonly string[], message: string): Refusal {
  return {
    __typename: "UserError",
    path: [...path],
    code: "INVALID_VALUE",
    message,
    expected: null,
    relatedId: null,
  };
}

/** What is said of an issued invoice, with the service's warnings behind it. */
export function withWarnings(text: string, warnings: readonly { message: string }[]): string {
  return [text, ...warnings.map(({ message }) => withoutFieldName(message))].join(" ");
}

/** "address: Falta «Dirección»." → "Falta «Dirección»." */
export function withoutFieldName(message: string): string {
  return message.replace(/^[a-z][A-Za-z]*(\.[A-Za-z0-9]+)*: /, "");
}
