import { messages } from "@/i18n";

export const signInMessages = messages(
  {
    title: "Entrar a Istmo",
    lead: "Clientes y facturas de tu negocio.",
    key: "Clave de API",
    keyHint: "Empieza con istmo_. Pídela a quien administra tu cuenta.",
    submit: "Entrar",
    wrong: "Esta clave no es válida: está mal copiada, venció o fue revocada.",
    wrongToken: "Este enlace ya se usó o venció. Entra con tu clave de API.",
    unreachable: "El servicio no respondió. Inténtalo de nuevo.",
    working: "Entrando…",
    expiredTitle: "Tu sesión terminó",
    expired: "Entra de nuevo para seguir donde estabas. Lo que escribiste sigue aquí.",
    expiredLink:
      "Si entras con un enlace, pide otro y ábrelo en otra pestaña de este navegador: esta página seguirá sola.",
  },
  {
    title: "Sign in to Istmo",
    lead: "The customers and invoices of your business.",
    key: "API key",
    keyHint: "Begins with istmo_. Ask the person who administers your account for it.",
    submit: "Sign in",
    wrong: "This key is not valid: it was copied wrongly, has expired or was revoked.",
    wrongToken: "This link has been used or has expired. Sign in with your API key.",
    unreachable: "The service did not answer. Try again.",
    working: "Signing in…",
    expiredTitle: "Your session has ended",
    expired: "Sign in again to continue where you were. What you typed is still here.",
    expiredLink:
      "If you sign in by a link, ask for another and open it in another tab of this browser: this page will go on by itself.",
  },
);
