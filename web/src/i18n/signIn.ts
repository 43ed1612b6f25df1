import { messages } from "@/i18n";

export const signInMessages = messages(
  {
    title: "Entrar a Istmo",
    lead: "Clientes y facturas de tu negocio.",
    key: "Clave de API",
    keyHint:
      "Empieza con istmo_. Aparece cuando el servicio arranca por primera vez; puedes crear otras en Cuenta › Claves de API.",
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
    lead: "The customers and invoices of your business.",
    key: "API key",
    keyHint:
      "Begins with istmo_. It is printed when the service first starts; create more under Account › API keys.",
    submit: "Sign in",
    wrong: "This key is not valid: it was copied wrongly, has expired or was revoked.",
    wrongToken: "This link has been used or has expired. Sign in with your API key.",
    unreachable: "The service did not answer. Try again.",
    working: "Signing in…",
    expiredTitle: "Your session has ended",
    expired: "Sign in again to continue where you were. What you typed is still here.",
  },
);
