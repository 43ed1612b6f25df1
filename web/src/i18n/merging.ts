import { messages } from "@/i18n";

/** Words of duplicate customers and of merging them. */
export const merging = messages(
  {
    tabs: "Clientes y duplicados",
    title: "Clientes duplicados",
    hint: "Clientes que pueden ser el mismo. Compáralos y deja uno solo: sus documentos pasan al que queda.",
    none: "No encontramos clientes duplicados",
    noneHint: "Buscamos el mismo RUC, y nombres parecidos con el mismo teléfono o correo.",
    noneYet: "Todavía no encontramos duplicados. Faltan clientes por revisar.",
    more: "Buscar más",
    compare: "Comparar",
    different: "Son distintos",
    differentNames: (one: string, other: string) => `${one} y ${other} son distintos`,
    keptApart: "Listo: ya no los mostramos juntos.",
    compareWith: (name: string) => `Comparar ${name}`,
    reasons: {
      SAME_IDENTIFICATION: "Misma identificación",
      SAME_NAME: "Mismo nombre",
      SIMILAR_NAME: "Nombre parecido",
      SAME_PHONE: "Mismo teléfono",
      SAME_EMAIL: "Mismo correo",
    },
    invoices: (count: number) => (count === 1 ? "1 factura" : `${count} facturas`),
    registered: (moment: string) => `Registrado el ${moment}`,
    mergeTitle: "Unificar clientes",
    mergeHint:
      "Elige el cliente que queda y, si quieres, de quién viene cada dato. Lo que no eliges lo pone el que queda o, si no lo tiene, otro.",
    field: "Dato",
    stays: "Queda",
    staysName: (name: string) => `Queda ${name}`,
    leaveOut: "No unificar",
    leaveOutName: (name: string) => `No unificar ${name}`,
    add: "Agregar otro cliente",
    together: "Se juntan",
    wins: "Queda",
    choose: (field: string, name: string) => `${field}: el de ${name}`,
    nothing: "Vacío",
    extra: { externalId: "Código en otro sistema", tags: "Etiquetas", metadata: "Datos de otros sistemas" },
    needTwo: "Elige al menos dos clientes.",
    documents: (count: number) =>
      count === 0
        ? "No hay documentos que pasar."
        : count === 1
          ? "1 documento pasa al que queda."
          : `${count} documentos pasan al que queda.`,
    merge: "Unificar",
    confirmTitle: (name: string) => `¿Unificar en ${name}?`,
    confirm: (names: string) =>
      `${names} deja de estar en tus clientes y sus documentos pasan al que queda. Los emitidos conservan el receptor con que se emitieron. Puedes deshacerlo durante 30 días.`,
    merged: (name: string) => `Listo: queda ${name}.`,
    done: "Unificados hace poco",
    doneHere: "Clientes unificados aquí",
    doneText: (name: string, survivor: string) => `${name} → ${survivor}`,
    doneDetail: (documents: string, moment: string) => `${documents} · hasta el ${moment} se puede deshacer`,
    movedDocuments: (count: number) => (count === 1 ? "1 documento" : `${count} documentos`),
    undo: "Deshacer",
    undoName: (name: string) => `Deshacer la unificación de ${name}`,
    undoTitle: (name: string) => `¿Separar ${name} otra vez?`,
    undoText:
      "Recupera los documentos que tenía. Lo que se emitió o cambió después se queda con el otro cliente.",
    undone: (name: string) => `${name} vuelve a estar en tus clientes.`,
    readOnly: "Tu clave no permite unificar clientes.",
  },
  {
    tabs: "Customers and duplicates",
    title: "Duplicate customers",
    hint: "Customers that may be the same. Compare them and keep one: it gets their documents.",
    none: "No duplicate customers found",
    noneHint: "We look for the same RUC, and for similar names with the same phone or e-mail address.",
    noneYet: "No duplicates so far. There are customers left to look at.",
    more: "Look further",
    compare: "Compare",
    different: "They are different",
    differentNames: (one: string, other: string) => `${one} and ${other} are different`,
    keptApart: "Done: they are no longer shown together.",
    compareWith: (name: string) => `Compare ${name}`,
    reasons: {
      SAME_IDENTIFICATION: "Same identification",
      SAME_NAME: "Same name",
      SIMILAR_NAME: "Similar name",
      SAME_PHONE: "Same phone",
      SAME_EMAIL: "Same e-mail",
    },
    invoices: (count: number) => (count === 1 ? "1 invoice" : `${count} invoices`),
    registered: (moment: string) => `Registered on ${moment}`,
    mergeTitle: "Merge customers",
    mergeHint:
      "Choose the customer that stays and, if you like, where each field comes from. What you don't choose is the one of the customer that stays or, if it has none, of another.",
    field: "Field",
    stays: "Stays",
    staysName: (name: string) => `${name} stays`,
    leaveOut: "Leave out",
    leaveOutName: (name: string) => `Leave ${name} out`,
    add: "Add another customer",
    together: "Put together",
    wins: "Stays",
    choose: (field: string, name: string) => `${field}: that of ${name}`,
    nothing: "Empty",
    extra: { externalId: "External id", tags: "Tags", metadata: "Metadata" },
    needTwo: "Choose at least two customers.",
    documents: (count: number) =>
      count === 0
        ? "There are no documents to move."
        : count === 1
          ? "1 document goes to the one that stays."
          : `${count} documents go to the one that stays.`,
    merge: "Merge",
    confirmTitle: (name: string) => `Merge into ${name}?`,
    confirm: (names: string) =>
      `${names} will no longer be among your customers, and the one that stays gets the documents. Issued ones keep the receiver that they were issued to. You can undo it for 30 days.`,
    merged: (name: string) => `Done: ${name} stays.`,
    done: "Merged lately",
    doneHere: "Customers merged into this one",
    doneText: (name: string, survivor: string) => `${name} → ${survivor}`,
    doneDetail: (documents: string, moment: string) => `${documents} · can be undone until ${moment}`,
    movedDocuments: (count: number) => (count === 1 ? "1 document" : `${count} documents`),
    undo: "Undo",
    undoName: (name: string) => `Undo the merge of ${name}`,
    undoTitle: (name: string) => `Separate ${name} again?`,
    undoText:
      "It gets back the documents that it had. What was issued or changed since stays with the other one.",
    undone: (name: string) => `${name} is among your customers again.`,
    readOnly: "Your key may not merge customers.",
  },
);
