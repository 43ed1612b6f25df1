/** What the list shows, as it stands in the address: so it can be bookmarked, and the back button goes back. */

import type {
  CustomerFilter,
  CustomerOrder,
  CustomerOrderField,
  CustomerStatus,
  CustomersQueryVariables,
  ReceiverType,
  TaxpayerType,
  VerificationStatus,
} from "@/graphql";

const PAGE = 20;

export const ORDERS = {
  nombre: { field: "NAME", direction: "ASC" },
  "-nombre": { field: "NAME", direction: "DESC" },
  identificacion: { field: "IDENTIFICATION", direction: "ASC" },
  "-identificacion": { field: "IDENTIFICATION", direction: "DESC" },
  telefono: { field: "PHONE", direction: "ASC" },
  "-telefono": { field: "PHONE", direction: "DESC" },
  "-registro": { field: "CREATED_AT", direction: "DESC" },
  registro: { field: "CREATED_AT", direction: "ASC" },
} satisfies Record<string, CustomerOrder>;

export type Order = keyof typeof ORDERS;

export function orderOf(field: CustomerOrderField, direction: CustomerOrder["direction"]): Order {
  const found = Object.entries(ORDERS).find(
    ([, each]) => each.field === field && each.direction === direction,
  );
  return (found?.[0] ?? "nombre") as Order;
}

const STATUSES: Record<string, CustomerStatus[]> = {
  activos: ["ACTIVE"],
  archivados: ["ARCHIVED"],
  todos: ["ACTIVE", "ARCHIVED"],
};

const RECEIVER_TYPES: ReceiverType[] = ["TAXPAYER", "FINAL_CONSUMER", "GOVERNMENT", "FOREIGN"];
const TAXPAYER_TYPES: TaxpayerType[] = ["NATURAL", "JURIDICAL"];
const VERIFICATIONS: VerificationStatus[] = [
  "VERIFIED",
  "PENDING",
  "NOT_FOUND",
  "MISMATCH",
  "UNAVAILABLE",
  "UNVERIFIED",
];

/** The parameters of the address that filter. */
export const FILTERS = [
  "receptor",
  "tipo",
  "provincia",
  "distrito",
  "verificacion",
  "estado",
  "incompletos",
] as const;
export type FilterName = (typeof FILTERS)[number];

/** What the address says, with what it can't say left out. */
export function readSearch(parameters: URLSearchParams) {
  const one = <T extends string>(name: string, of: readonly T[]) =>
    of.find((each) => each === parameters.get(name));
  const order = one("orden", Object.keys(ORDERS) as Order[]) ?? "nombre";
  const receiverType = one("receptor", RECEIVER_TYPES);
  const taxpayerType = one("tipo", TAXPAYER_TYPES);
  const verification = one("verificacion", VERIFICATIONS);
  const status = one("estado", Object.keys(STATUSES)) ?? "activos";
  const province = parameters.get("provincia");
  const district = province ? parameters.get("distrito") : null;
  const filter: CustomerFilter = {
    receiverType: receiverType ? [receiverType] : null,
    taxpayerType: taxpayerType ? [taxpayerType] : null,
    verification: verification ? [verification] : null,
    status: STATUSES[status] ?? null,
    incomplete: parameters.has("incompletos") ? true : null,
    ...(district ? { district } : { province }),
  };
  const before = parameters.get("antes");
  const after = parameters.get("tras");
  const variables: CustomersQueryVariables = {
    search: parameters.get("q"),
    filter,
    orderBy: ORDERS[order],
    ...(before ? { last: PAGE, before } : { first: PAGE, after }),
  };
  return {
    variables,
    order,
    status,
    receiverType: receiverType ?? "",
    taxpayerType: taxpayerType ?? "",
    verification: verification ?? "",
    province: province ?? "",
    district: district ?? "",
    incomplete: parameters.has("incompletos"),
    filters: FILTERS.filter((name) => parameters.has(name)).length,
  };
}

export { PAGE, RECEIVER_TYPES, STATUSES, TAXPAYER_TYPES, VERIFICATIONS };
