import { messages } from "@/i18n";

export const signInMessages = messages(
  {
    title: "Entrar a Istmo",
    lead: "Clientes y facturas de tu negocio.",
    key: "Clave de API",
    keyHint: "Empieza con istmo_. La muestra make serve en su primer arranque, o Cuenta › Claves de API.",
    submit: "Entrar",
    wrong: "Esta clave no es válida: está mal copiada, venció o fue revocada.",
    wrongToken: "Este enlace ya se usó o venció. Entra con tu clave de API.",
    unreachable: "El servicio no respondió. Inténtalo de nuevo.",
    working: "Entrando…",
    expiredTitle: "Tu sesión terminó",
    expired: "Entra de nuevo para seguir donde estabas. Lo que escribiste sigue aquí.",
  },
  {
    title: "Sign in to Istmo",
    lead: "Your business's customers and invoices.",
    key: "API key",
    keyHint: "It begins with istmo_. make serve shows it at its first start, or Account › Keys.",
    submit: "Sign in",
    wrong: "This key is not valid: it is miscopied, has expired or was revoked.",
    wrongToken: "This link was used before or has expired. Sign in with your API key.",
    unreachable: "The service did not answer. Try again.",
    working: "Signing in…",
    expiredTitle: "Your session has ended",
    expired: "Sign in again to go on where you were. What you typed is still here.",
  },
);
