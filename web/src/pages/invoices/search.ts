/** What the list shows, as it stands in the address: so it can be bookmarked, and the back button goes back. */

import type {
  InvoiceFilter,
  InvoiceOrder,
  InvoiceOrderField,
  InvoiceStatus,
  InvoicesQueryVariables,
} from "@/graphql";
import { isNumber, readDecimal } from "@/money/decimal";

const PAGE = 20;

export const ORDERS = {
  "-fecha": { field: "ISSUE_DATE", direction: "DESC" },
  fecha: { field: "ISSUE_DATE", direction: "ASC" },
  "-numero": { field: "NUMBER", direction: "DESC" },
  numero: { field: "NUMBER", direction: "ASC" },
  "-total": { field: "TOTAL", direction: "DESC" },
  total: { field: "TOTAL", direction: "ASC" },
} satisfies Record<string, InvoiceOrder>;

export type Order = keyof typeof ORDERS;

export function orderOf(field: InvoiceOrderField, direction: InvoiceOrder["direction"]): Order {
  const found = Object.entries(ORDERS).find(
    ([, each]) => each.field === field && each.direction === direction,
  );
  return (found?.[0] ?? "-fecha") as Order;
}

/** By the word in the address; "vencidas" are issued ones that should have been paid. */
export const STATUSES = {
  borradores: { status: ["DRAFT"] },
  emitidas: { status: ["ISSUED"] },
  vencidas: { overdue: true },
  anuladas: { status: ["VOID"] },
} satisfies Record<string, { status?: InvoiceStatus[]; overdue?: boolean }>;

export type Status = keyof typeof STATUSES;

/** The parameters of the address that filter. */
export const FILTERS = ["estado", "cliente", "punto", "desde", "hasta", "minimo", "maximo"] as const;

/** What the address says, with what it can't say left out. */
export function readSearch(parameters: URLSearchParams) {
  const one = <T extends string>(name: string, of: readonly T[]) =>
    of.find((each) => each === parameters.get(name));
  const order = one("orden", Object.keys(ORDERS) as Order[]) ?? "-fecha";
  const status = one("estado", Object.keys(STATUSES) as Status[]);
  const filter: InvoiceFilter = {
    ...(status && STATUSES[status]),
    customerId: parameters.get("cliente"),
    billingPoint: parameters.get("punto"),
    issueDate: range(day(parameters.get("desde")), day(parameters.get("hasta"))),
    total: range(amount(parameters.get("minimo")), amount(parameters.get("maximo"))),
  };
  const before = parameters.get("antes");
  const after = parameters.get("tras");
  const variables: InvoicesQueryVariables = {
    search: parameters.get("q"),
    filter,
    orderBy: ORDERS[order],
    ...(before ? { last: PAGE, before } : { first: PAGE, after }),
  };
  return {
    variables,
    order,
    status,
    filters: FILTERS.filter((name) => parameters.has(name)).length,
  };
}

function range(from: string | null, to: string | null) {
  return from || to ? { from, to } : null;
}

function day(text: string | null): string | null {
  return text && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : null;
}

function amount(text: string | null): string | null {
  return text && isNumber(readDecimal(text)) ? text : null;
}
