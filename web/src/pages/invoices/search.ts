/** The orders and filters of the list of invoices, and the words for them in the address. */

import { readOneOf } from "@/components/list/address";
import type {
  BlockedReason,
  DocumentFilter,
  FiscalStatus,
  InvoiceFilter,
  InvoiceOrder,
  InvoiceStatus,
} from "@/graphql";
import { isNumber, normalizeDecimal, readDecimal } from "@/money/decimal";
import { readPoint } from "./points";

export const ORDERS = {
  "-fecha": { field: "ISSUE_DATE", direction: "DESC" },
  fecha: { field: "ISSUE_DATE", direction: "ASC" },
  "-numero": { field: "NUMBER", direction: "DESC" },
  numero: { field: "NUMBER", direction: "ASC" },
  "-total": { field: "TOTAL", direction: "DESC" },
  total: { field: "TOTAL", direction: "ASC" },
  "-cambio": { field: "UPDATED_AT", direction: "DESC" },
} satisfies Record<string, Required<InvoiceOrder>>;

/** "vencidas" are issued invoices that should have been paid by now. */
const STATUSES = {
  borradores: { status: ["DRAFT"] },
  emitidas: { status: ["ISSUED"] },
  vencidas: { overdue: true },
  anuladas: { status: ["VOID"] },
} satisfies Record<string, { status?: InvoiceStatus[]; overdue?: boolean }>;

export const STATUS_NAMES = Object.keys(STATUSES) as (keyof typeof STATUSES)[];

export const NOTE_STATUS_NAMES = ["emitidas", "anuladas"] as const;

const FISCAL_STATUSES = {
  "por-resolver": ["REJECTED", "BLOCKED"],
  "en-camino": ["QUEUED", "CHECKING", "ACCEPTED"],
  pendientes: ["QUEUED", "CHECKING", "ACCEPTED", "VOIDING"],
  autorizadas: ["AUTHORIZED"],
  rechazadas: ["REJECTED"],
  detenidas: ["BLOCKED"],
  anulandose: ["VOIDING"],
  anuladas: ["VOIDED"],
  retiradas: ["WITHDRAWN"],
  "no-electronicas": ["NONE"],
} satisfies Record<string, FiscalStatus[]>;

export const FISCAL_NAMES = Object.keys(FISCAL_STATUSES) as (keyof typeof FISCAL_STATUSES)[];

/** Why invoices are blocked, as it stands in the address. */
export const BLOCKED_NAMES = {
  CREDENTIALS: "credenciales",
  CERTIFICATE: "certificado",
  FOLIOS: "folios",
  NUMBER_TAKEN: "numero-usado",
  ISSUER: "emisor",
  TECHNICAL: "tecnico",
} satisfies Record<BlockedReason, string>;

export const BLOCKED_REASONS = Object.keys(BLOCKED_NAMES) as BlockedReason[];

/** The reason that the address names. */
export function readReason(parameters: URLSearchParams): BlockedReason | undefined {
  return BLOCKED_REASONS.find((reason) => BLOCKED_NAMES[reason] === parameters.get("motivo"));
}

export const FILTER_NAMES = [
  "estado",
  "dgi",
  "motivo",
  "cliente",
  "punto",
  "desde",
  "hasta",
  "minimo",
  "maximo",
  "vence-desde",
  "vence-hasta",
  "linea",
  "etiqueta",
] as const;

/** The filters as the API takes them; a wrong value in the address counts as not set. */
export function toInvoiceFilter(parameters: URLSearchParams): InvoiceFilter {
  const status = readOneOf(parameters, "estado", STATUS_NAMES);
  return {
    ...toSharedFilter(parameters),
    dueDate: toRange(readDate(parameters.get("vence-desde")), readDate(parameters.get("vence-hasta"))),
    ...(status && STATUSES[status]),
  };
}

export function toNoteFilter(parameters: URLSearchParams): DocumentFilter {
  const status = readOneOf(parameters, "estado", NOTE_STATUS_NAMES);
  return { ...toSharedFilter(parameters), ...(status && STATUSES[status]) };
}

/** What invoices and notes are filtered by alike. */
function toSharedFilter(parameters: URLSearchParams): InvoiceFilter & DocumentFilter {
  const point = readPoint(parameters.get("punto") ?? "");
  const fiscal = readOneOf(parameters, "dgi", FISCAL_NAMES);
  const reason = readReason(parameters);
  return {
    fiscalStatus: fiscal ? FISCAL_STATUSES[fiscal] : null,
    blockedReason: reason ? [reason] : null,
    customerId: parameters.get("cliente"),
    branch: point.branch || null,
    billingPoint: point.billingPoint || null,
    issueDate: toRange(readDate(parameters.get("desde")), readDate(parameters.get("hasta"))),
    lineText: parameters.get("linea"),
    tags: parameters.has("etiqueta") ? [parameters.get("etiqueta") ?? ""] : null,
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
