import type { BlockedReason } from "@/graphql/generated/graphql";
import { messages } from "@/i18n";

/** Words of the page about all electronic invoices of the account. */
export const emission = messages(
  {
    title: "Facturación electrónica",
    navigation: "DGI",
    subtitle: "Cómo van las facturas que envías a la DGI por medio de tu proveedor (PAC).",

    awayTitle: "El proveedor no responde",
    awayText: "Puedes seguir emitiendo: las facturas esperan y se envían solas, sin duplicarse.",
    awaySince: (when: string) => `Sin respuesta desde: ${when}`,
    seeDetails: "Ver detalles",

    state: "Estado",
    allWell: "Todo está al día: no hay facturas en camino, rechazadas ni detenidas.",
    open: "En camino",
    openText: (count: string) =>
      count === "1"
        ? "1 factura va camino a la DGI o se está anulando. No hay que hacer nada."
        : `${count} facturas van camino a la DGI o se están anulando. No hay que hacer nada.`,
    oldest: (when: string) => `La más antigua espera desde: ${when}`,
    rejected: "Rechazadas",
    rejectedText: (count: string) =>
      count === "1"
        ? "1 factura rechazada por la DGI o el proveedor. Corrígela y se envía de nuevo con su mismo número, o anúlala."
        : `${count} facturas rechazadas por la DGI o el proveedor. Corrige cada una y se envía de nuevo con su mismo número, o anúlala.`,
    blocked: "Detenidas",
    reasons: {
      CREDENTIALS: "Credenciales no aceptadas",
      CERTIFICATE: "Certificado de firma",
      FOLIOS: "Sin folios o con la licencia vencida",
      NUMBER_TAKEN: "Número usado por otro sistema",
      ISSUER: "Emisor no reconocido",
      TECHNICAL: "Sin respuesta que se pueda usar",
    } satisfies Record<BlockedReason, string>,
    reason: "Motivo",
    anyReason: "Todos",
    whatToDo: {
      CREDENTIALS:
        "Quien administra la cuenta guarda de nuevo las credenciales del proveedor; luego las facturas se envían solas.",
      CERTIFICATE:
        "Renueva con tu proveedor el certificado de firma. Se intenta solo cada hora; para no esperar, reintenta.",
      FOLIOS:
        "Compra folios o renueva la licencia con tu proveedor. Se intenta solo cada hora; para no esperar, reintenta.",
      NUMBER_TAKEN:
        "Quien administra la cuenta abre cada factura y le da un número nuevo. Usa un punto de facturación solo para Istmo, para que no se repita.",
      ISSUER:
        "Pide a tu proveedor que registre el negocio y sus sucursales con los mismos códigos que tienen aquí; luego reintenta.",
      TECHNICAL:
        "Avisa a quien administra el servicio. Cuando el proveedor vuelva a responder, reintenta: primero se averigua si la factura llegó.",
    } satisfies Record<BlockedReason, string>,
    invoices: (count: string) => (count === "1" ? "1 factura" : `${count} facturas`),
    see: (count: string) => (count === "1" ? "Ver la factura" : `Ver las ${count} facturas`),
    retryAll: (count: string) => (count === "1" ? "Reintentar" : `Reintentar las ${count}`),
    retryTitle: (reason: string) => `Reintentar: ${reason}`,
    retrying: (done: string, total: string) => `${done} de ${total}`,
    retried: (good: string, total: string) => `Se intentan de nuevo ${good} de ${total}.`,
    retriedOne: "Se intenta de nuevo",
    notRetried: "No se reintentó",
    stop: "Detener",
    stopped: (done: string, total: string) => `Detenido: ${done} de ${total} reintentadas.`,
    outcomes: "Resultado de cada factura",
    invoice: "Factura",
    outcome: "Resultado",
    nothingBlocked: "Ya no hay facturas detenidas por este motivo.",

    differences: "Diferencias con el proveedor",
    differencesText:
      "Istmo compara lo suyo con lo del proveedor. Cada diferencia desaparece cuando se resuelve.",
    since: (when: string) => `Desde: ${when}`,
    seeInvoice: "Ver la factura",

    connection: "Conexión con el proveedor",
    provider: "Proveedor",
    environment: "Ambiente",
    folios: "Folios",
    foliosLeft: (left: string, total: string) => `${left === "1" ? "Queda" : "Quedan"} ${left} de ${total}`,
    foliosLeftOnly: (left: string) => `${left === "1" ? "Queda" : "Quedan"} ${left}`,
    unknown: "Sin datos",
    licence: "Licencia hasta",
    checked: "Según el proveedor, el",
    notAsked: "Todavía no se le ha preguntado.",
    test: "Probar conexión",
    testing: "Probando la conexión…",
    testHint: "Le pregunta al proveedor cuántos folios quedan. No envía ni cambia nada.",
    works: (left: string | null) =>
      left === null
        ? "El proveedor responde y acepta las credenciales."
        : `El proveedor responde y acepta las credenciales. Folios disponibles: ${left}.`,
    adminOnly: "Para probar la conexión o cambiar el proveedor hace falta el permiso de «Administrar».",

    places: "Sucursales y puntos de facturación",
    placesHint: "El proveedor debe tener cada sucursal y cada punto con el mismo código.",
    branch: "Sucursal",
    point: "Punto",
    lastNumber: "Último número",
    noNumber: "Sin facturas",
    headOffice: "Casa matriz",
    change: "Cambiar en Cuenta",

    setUp: "Primeros pasos",
    setUpText:
      "Para facturar electrónicamente faltan estos pasos. Empieza con el ambiente de pruebas de tu proveedor.",
    readOnly: "Los completa quien administra la cuenta.",
    done: "Listo",
    pending: "Pendiente",
    steps: {
      data: "Datos fiscales del negocio",
      provider: "Proveedor y credenciales",
      test: "Probar conexión",
      on: "Activar la facturación electrónica",
    },
    stepTexts: {
      data: "RUC, DV y, si el RUC no lo dice, el tipo de contribuyente, como los tiene la DGI.",
      provider:
        "Contrata un proveedor (PAC). Él registra el negocio, sus sucursales y sus puntos, y te da las credenciales.",
      test: "Comprueba que el proveedor responde y acepta las credenciales.",
      on: "Desde entonces, cada factura que emitas va a la DGI.",
    },
    toData: "Completar en Cuenta",
    chooseProvider: "Elegir proveedor",
    turnOn: "Activar",
    ready: "La cuenta está lista: las facturas que emitas van a la DGI.",
  },
  {
    title: "Electronic invoicing",
    navigation: "DGI",
    subtitle: "How the invoices are doing that you send to the DGI through your provider (PAC).",

    awayTitle: "The provider doesn't answer",
    awayText: "You can go on issuing: invoices wait and are sent by themselves, once each.",
    awaySince: (when: string) => `No answer since: ${when}`,
    seeDetails: "See details",

    state: "Status",
    allWell: "All is up to date: no invoice is on its way, rejected or blocked.",
    open: "On their way",
    openText: (count: string) =>
      count === "1"
        ? "1 invoice is on its way to the DGI or being voided. There is nothing to do."
        : `${count} invoices are on their way to the DGI or being voided. There is nothing to do.`,
    oldest: (when: string) => `The oldest waits since: ${when}`,
    rejected: "Rejected",
    rejectedText: (count: string) =>
      count === "1"
        ? "1 invoice was rejected by the DGI or the provider. Correct it, and it is sent again under its number, or void it."
        : `${count} invoices were rejected by the DGI or the provider. Correct each, and it is sent again under its number, or void it.`,
    blocked: "Blocked",
    reasons: {
      CREDENTIALS: "Credentials refused",
      CERTIFICATE: "Signing certificate",
      FOLIOS: "No folios left, or licence over",
      NUMBER_TAKEN: "Number used by another system",
      ISSUER: "Issuer not recognised",
      TECHNICAL: "No usable answer",
    },
    reason: "Reason",
    anyReason: "All",
    whatToDo: {
      CREDENTIALS:
        "An administrator of the account saves the provider's credentials anew; the invoices are then sent by themselves.",
      CERTIFICATE:
        "Renew the signing certificate with your provider. It is tried every hour; retry if you don't want to wait.",
      FOLIOS:
        "Buy folios or renew the licence with your provider. It is tried every hour; retry if you don't want to wait.",
      NUMBER_TAKEN:
        "An administrator of the account opens each invoice and gives it a new number. Use a billing point for Istmo alone, so that it doesn't happen again.",
      ISSUER:
        "Ask your provider to register the business and its branches under the codes that they have here; then retry.",
      TECHNICAL:
        "Tell the person who runs the service. Retry when the provider answers again: whether the invoice arrived is found out first.",
    },
    invoices: (count: string) => (count === "1" ? "1 invoice" : `${count} invoices`),
    see: (count: string) => (count === "1" ? "See the invoice" : `See the ${count} invoices`),
    retryAll: (count: string) => (count === "1" ? "Retry" : `Retry all ${count}`),
    retryTitle: (reason: string) => `Retry: ${reason}`,
    retrying: (done: string, total: string) => `${done} of ${total}`,
    retried: (good: string, total: string) => `${good} of ${total} are tried again.`,
    retriedOne: "Tried again",
    notRetried: "Not retried",
    stop: "Stop",
    stopped: (done: string, total: string) => `Stopped: ${done} of ${total} were retried.`,
    outcomes: "Outcome of each invoice",
    invoice: "Invoice",
    outcome: "Outcome",
    nothingBlocked: "No invoice is blocked for this reason any more.",

    differences: "Differences from the provider",
    differencesText:
      "Istmo compares its own with what the provider has. A difference is gone once it is settled.",
    since: (when: string) => `Since: ${when}`,
    seeInvoice: "See the invoice",

    connection: "Connection to the provider",
    provider: "Provider",
    environment: "Environment",
    folios: "Folios",
    foliosLeft: (left: string, total: string) => `${left} of ${total} left`,
    foliosLeftOnly: (left: string) => `${left} left`,
    unknown: "Not known",
    licence: "Licence until",
    checked: "As the provider said on",
    notAsked: "It wasn't asked yet.",
    test: "Test connection",
    testing: "Testing the connection…",
    testHint: "Asks the provider how many folios are left. Nothing is sent or changed.",
    works: (left: string | null) =>
      left === null
        ? "The provider answers and accepts the credentials."
        : `The provider answers and accepts the credentials. Folios left: ${left}.`,
    adminOnly: "Testing the connection or changing the provider requires the scope “Administer”.",

    places: "Branches and billing points",
    placesHint: "The provider must have each branch and each point under the same code.",
    branch: "Branch",
    point: "Point",
    lastNumber: "Last number",
    noNumber: "No invoices",
    headOffice: "Head office",
    change: "Change in Account",

    setUp: "First steps",
    setUpText:
      "These steps are missing for electronic invoicing. Begin with your provider's test environment.",
    readOnly: "An administrator of the account completes them.",
    done: "Done",
    pending: "To do",
    steps: {
      data: "Fiscal data of the business",
      provider: "Provider and credentials",
      test: "Test connection",
      on: "Turn electronic invoicing on",
    },
    stepTexts: {
      data: "RUC, DV and, if the RUC doesn't tell, the taxpayer type, as the DGI has them.",
      provider:
        "Sign up with a provider (PAC). It registers the business, its branches and points, and gives you the credentials.",
      test: "See that the provider answers and accepts the credentials.",
      on: "From then on, each invoice that you issue goes to the DGI.",
    },
    toData: "Complete in Account",
    chooseProvider: "Choose provider",
    turnOn: "Turn on",
    ready: "The account is ready: invoices that you issue go to the DGI.",
  },
);
