import type { VerificationStatus } from "@/graphql/generated/graphql";
import { messages } from "@/i18n";

/** Words of the start page. */
export const home = messages(
  {
    title: "Inicio",
    today: (date: string) => `Cifras al ${date}`,
    newInvoice: "Nueva factura",
    newCustomer: "Nuevo cliente",
    empty: "Todavía no has emitido facturas",
    emptyHint:
      "Cuando emitas la primera, aquí verás lo facturado por mes, lo vencido y tus mejores clientes.",
    currencies: { PAB: "En balboas", USD: "En dólares" },

    attention: "Por atender",
    allWell: "Todo está al día: no hay nada que resolver.",
    rejected: {
      invoices: { text: "Facturas rechazadas", hint: "Corrígelas o anúlalas." },
      creditNotes: { text: "Notas de crédito rechazadas", hint: "Corrígelas o anúlalas." },
      debitNotes: { text: "Notas de débito rechazadas", hint: "Corrígelas o anúlalas." },
    },
    blocked: {
      invoices: { text: "Facturas detenidas", hint: "Mira qué falta y reintenta." },
      creditNotes: { text: "Notas de crédito detenidas", hint: "Mira qué falta y reintenta." },
      debitNotes: { text: "Notas de débito detenidas", hint: "Mira qué falta y reintenta." },
    },
    overdueTask: { text: "Facturas vencidas", hint: "Su fecha de pago ya pasó." },
    unverified: (status: VerificationStatus) =>
      status === "NOT_FOUND"
        ? { text: "Clientes con RUC no registrado", hint: "El registro de la DGI no tiene su RUC." }
        : status === "MISMATCH"
          ? { text: "Clientes cuyos datos no coinciden", hint: "El registro de la DGI tiene otros datos." }
          : { text: "Clientes sin respuesta del registro", hint: "Consúltalos de nuevo." },
    incomplete: {
      text: "Clientes incompletos",
      hint: "Les faltan datos que pide la factura electrónica.",
    },

    sales: "Facturado por mes",
    salesHint:
      "Documentos emitidos, sin los anulados, con ITBMS. Las notas de crédito restan en el mes en que se emiten.",
    thisMonth: "Este mes:",
    salesPicture:
      "Barras de los últimos doce meses: facturas y notas de débito hacia arriba, notas de crédito hacia abajo. Las cifras están en la tabla.",
    salesTable: "Facturado por mes, en cifras",
    month: "Mes",
    columns: {
      invoices: "Facturas",
      debitNotes: "Notas de débito",
      creditNotes: "Notas de crédito",
      total: "Total",
      itbms: "ITBMS incluido",
      net: "Sin ITBMS",
    },
    twelveMonths: "12 meses",

    overdue: "Vencido por antigüedad",
    overdueHint:
      "Facturas cuya fecha de pago ya pasó, con sus notas. Istmo no registra cobros: lo que ya te pagaron también cuenta aquí.",
    nothingOverdue: "No hay facturas vencidas.",
    overduePicture: "Barras de lo vencido por antigüedad. Las cifras están en la tabla.",
    overdueTable: "Vencido por antigüedad, en cifras",
    age: "Antigüedad",
    invoices: "Facturas",
    amount: "Monto",
    days: (from: number, to: number | null) =>
      to === null ? `Más de ${from - 1} días` : `${from} a ${to} días`,
    shortDays: (from: number, to: number | null) =>
      to === null ? `> ${from - 1} días` : `${from}–${to} días`,
    allOverdue: "Todas las vencidas",

    bestCustomers: "Mejores clientes",
    bestCustomersHint: "Por lo facturado en los últimos 12 meses, menos sus notas de crédito.",
    bestCustomersTable: "Mejores clientes, en cifras",
    noCustomers: "No hay ventas en los últimos 12 meses.",
    customer: "Cliente",
    share: "Del total",
  },
  {
    title: "Home",
    today: (date: string) => `Figures as of ${date}`,
    newInvoice: "New invoice",
    newCustomer: "New customer",
    empty: "You have not issued any invoices yet",
    emptyHint:
      "Once you issue the first, you will see here what you invoice by month, what is overdue and your best customers.",
    currencies: { PAB: "In balboas", USD: "In US dollars" },

    attention: "Needs attention",
    allWell: "All is up to date: there is nothing to settle.",
    rejected: {
      invoices: { text: "Rejected invoices", hint: "Correct or void them." },
      creditNotes: { text: "Rejected credit notes", hint: "Correct or void them." },
      debitNotes: { text: "Rejected debit notes", hint: "Correct or void them." },
    },
    blocked: {
      invoices: { text: "Blocked invoices", hint: "See what is missing, and retry." },
      creditNotes: { text: "Blocked credit notes", hint: "See what is missing, and retry." },
      debitNotes: { text: "Blocked debit notes", hint: "See what is missing, and retry." },
    },
    overdueTask: { text: "Overdue invoices", hint: "Their due date has passed." },
    unverified: (status: VerificationStatus) =>
      status === "NOT_FOUND"
        ? { text: "Customers whose RUC is not registered", hint: "The registry of the DGI doesn't have it." }
        : status === "MISMATCH"
          ? { text: "Customers whose data don't match", hint: "The registry of the DGI has other data." }
          : { text: "Customers the registry didn't answer about", hint: "Look them up again." },
    incomplete: { text: "Incomplete customers", hint: "They lack data that electronic invoicing requires." },

    sales: "Invoiced by month",
    salesHint:
      "Issued documents, without void ones, ITBMS included. Credit notes are subtracted in the month in which they are issued.",
    thisMonth: "This month:",
    salesPicture:
      "Bars of the last twelve months: invoices and debit notes upwards, credit notes downwards. The figures are in the table.",
    salesTable: "Invoiced by month, in figures",
    month: "Month",
    columns: {
      invoices: "Invoices",
      debitNotes: "Debit notes",
      creditNotes: "Credit notes",
      total: "Total",
      itbms: "ITBMS included",
      net: "Without ITBMS",
    },
    twelveMonths: "12 months",

    overdue: "Overdue by age",
    overdueHint:
      "Invoices whose due date has passed, with their notes. Istmo records no payments: what was paid already counts here, too.",
    nothingOverdue: "No invoice is overdue.",
    overduePicture: "Bars of what is overdue by age. The figures are in the table.",
    overdueTable: "Overdue by age, in figures",
    age: "Age",
    invoices: "Invoices",
    amount: "Amount",
    days: (from: number, to: number | null) =>
      to === null ? `More than ${from - 1} days` : `${from} to ${to} days`,
    shortDays: (from: number, to: number | null) =>
      to === null ? `> ${from - 1} days` : `${from}–${to} days`,
    allOverdue: "All overdue",

    bestCustomers: "Best customers",
    bestCustomersHint: "By what was invoiced in the last 12 months, less their credit notes.",
    bestCustomersTable: "Best customers, in figures",
    noCustomers: "There are no sales in the last 12 months.",
    customer: "Customer",
    share: "Of the total",
  },
);
