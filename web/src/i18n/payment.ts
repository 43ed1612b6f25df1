import type { PaymentMethod } from "@/graphql/generated/graphql";
import { messages } from "@/i18n";

/** Forms of payment, in the DGI's order. */
export const paymentMethods = messages(
  {
    CREDIT: "Crédito",
    CASH: "Efectivo",
    CREDIT_CARD: "Tarjeta de crédito",
    DEBIT_CARD: "Tarjeta de débito",
    LOYALTY: "Tarjeta de fidelización",
    VOUCHER: "Vale",
    GIFT_CARD: "Tarjeta de regalo",
    TRANSFER: "Transferencia o depósito",
    CHECK: "Cheque",
    OTHER: "Otra",
  } satisfies Record<PaymentMethod, string>,
  {
    CREDIT: "Credit",
    CASH: "Cash",
    CREDIT_CARD: "Credit card",
    DEBIT_CARD: "Debit card",
    LOYALTY: "Loyalty card",
    VOUCHER: "Voucher",
    GIFT_CARD: "Gift card",
    TRANSFER: "Transfer or deposit",
    CHECK: "Cheque",
    OTHER: "Other",
  },
);

export const PAYMENT_METHODS = Object.keys(paymentMethods.es) as PaymentMethod[];
