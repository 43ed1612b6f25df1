/** The orders and filters of the list of invoices, and the words for them in the address. */

import { readOneOf } from "@/components/list/address";
import type { FiscalStatus, InvoiceFilter, InvoiceOrder, InvoiceStatus } from "@/graphql";
import { isNumber, normalizeDecimal, readDecimal } from "@/money/decimal";
import { readPoint } from "./points";

export const ORDERS = {
  "-fecha": { field: "ISSUE_DATE", direction: "DESC" },
  fecha: { field: "ISSUE_DATE", direction: "ASC" },
  "-numero": { field: "NUMBER", direction: "DESC" },
  numero: { field: "NUMBER", direction: "ASC" },
  "-total": { field: "TOTAL", direction: "DESC" },
  total: { field: "TOTAL", direction: "ASC" },
} satisfies Record<string, Required<InvoiceOrder>>;

/** "vencidas" are issued invoices that should have been paid by now. */
const STATUSES = {
  borradores: { status: ["DRAFT"] },
  emitidas: { status: ["ISSUED"] },
  vencidas: { overdue: true },
  anuladas: { status: ["VOID"] },
} satisfies Record<string, { status?: InvoiceStatus[]; overdue?: boolean }>;

export const STATUS_NAMES = Object.keys(STATUSES) as (keyof typeof STATUSES)[];

const FISCAL_STATUSES = {
  "por-resolver": ["REJECTED", "BLOCKED"],
  "en-camino": ["QUEUED", "CHECKING", "ACCEPTED"],
  autorizadas: ["AUTHORIZED"],
  rechazadas: ["REJECTED"],
  detenidas: ["BLOCKED"],
  anulandose: ["VOIDING"],
  anuladas: ["VOIDED"],
  retiradas: ["WITHDRAWN"],
  "no-electronicas": ["NONE"],
} satisfies Record<string, FiscalStatus[]>;

export const FISCAL_NAMES = Object.keys(FISCAL_STATUSES) as (keyof typeof FISCAL_STATUSES)[];

export const FILTER_NAMES = [
  "estado",
  "dgi",
  "cliente",
  "punto",
  "desde",
  "hasta",
  "minimo",
  "maximo",
] as const;

/** The filters as the API takes them; a wrong value in the address counts as not set. */
export function toInvoiceFilter(parameters: URLSearchParams): InvoiceFilter {
  const status = readOneOf(parameters, "estado", STATUS_NAMES);
  const point = readPoint(parameters.get("punto") ?? "");
  const fiscal = readOneOf(parameters, "dgi", FISCAL_NAMES);
  return {
    fiscalStatus: fiscal ? FISCAL_STATUSES[fiscal] : null,
    ...(status && STATUSES[status]),
    customerId: parameters.get("cliente"),
    branch: point.branch || null,
    billingPoint: point.billingPoint || null,
    issueDate: toRange(readDate(parameters.get("desde")), readDate(parameters.get("hasta"))),
    total: toRange(readAmount(parameters.get("minimo")), readAmount(parameters.get("maximo"))),
  };
}

function toRange(from: string | null, to: string | null) {
  return from || to ? { from, to } : null;
}

function readDate(text: string | null): string | null {
  return text && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : null;
}

function readAmount(text: string | null): string | null {
  return (text && isNumber(readDecimal(text)) && normalizeDecimal(text)) || null;
}
