/** The orders and filters of the list of customers, and the words for them in the address. */

import { readOneOf } from "@/components/list/address";
import type {
  CustomerFilter,
  CustomerOrder,
  CustomerStatus,
  ReceiverType,
  TaxpayerType,
  VerificationStatus,
} from "@/graphql";

export const ORDERS = {
  nombre: { field: "NAME", direction: "ASC" },
  "-nombre": { field: "NAME", direction: "DESC" },
  identificacion: { field: "IDENTIFICATION", direction: "ASC" },
  "-identificacion": { field: "IDENTIFICATION", direction: "DESC" },
  telefono: { field: "PHONE", direction: "ASC" },
  "-telefono": { field: "PHONE", direction: "DESC" },
  "-registro": { field: "CREATED_AT", direction: "DESC" },
  registro: { field: "CREATED_AT", direction: "ASC" },
  "-cambio": { field: "UPDATED_AT", direction: "DESC" },
} satisfies Record<string, Required<CustomerOrder>>;

/** Without a word in the address the list has active customers only. */
const STATUSES = {
  activos: ["ACTIVE"],
  archivados: ["ARCHIVED"],
  todos: ["ACTIVE", "ARCHIVED"],
} satisfies Record<string, CustomerStatus[]>;

export const STATUS_NAMES = Object.keys(STATUSES) as (keyof typeof STATUSES)[];
export const RECEIVER_TYPES: ReceiverType[] = ["TAXPAYER", "FINAL_CONSUMER", "GOVERNMENT", "FOREIGN"];
export const TAXPAYER_TYPES: TaxpayerType[] = ["NATURAL", "JURIDICAL"];
export const VERIFICATIONS: VerificationStatus[] = [
  "VERIFIED",
  "PENDING",
  "NOT_FOUND",
  "MISMATCH",
  "UNAVAILABLE",
  "UNVERIFIED",
];

export const FILTER_NAMES = [
  "receptor",
  "tipo",
  "provincia",
  "distrito",
  "verificacion",
  "estado",
  "incompletos",
  "etiqueta",
] as const;

/** The filters in the address; a wrong value counts as not set. */
export function readFilters(parameters: URLSearchParams) {
  const province = parameters.get("provincia") ?? "";
  return {
    receiverType: readOneOf(parameters, "receptor", RECEIVER_TYPES) ?? "",
    taxpayerType: readOneOf(parameters, "tipo", TAXPAYER_TYPES) ?? "",
    verification: readOneOf(parameters, "verificacion", VERIFICATIONS) ?? "",
    status: readOneOf(parameters, "estado", STATUS_NAMES) ?? "activos",
    province,
    district: (province && parameters.get("distrito")) ?? "",
    incomplete: parameters.has("incompletos"),
    tag: parameters.get("etiqueta") ?? "",
  } as const;
}

/** The filters as the API takes them. */
export function toCustomerFilter(parameters: URLSearchParams): CustomerFilter {
  const filters = readFilters(parameters);
  return {
    receiverType: filters.receiverType ? [filters.receiverType] : null,
    taxpayerType: filters.taxpayerType ? [filters.taxpayerType] : null,
    verification: filters.verification ? [filters.verification] : null,
    status: STATUSES[filters.status],
    incomplete: filters.incomplete || null,
    tags: filters.tag ? [filters.tag] : null,
    ...(filters.district ? { district: filters.district } : { province: filters.province || null }),
  };
}
