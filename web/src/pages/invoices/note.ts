/** What the form of a note holds, all of it as text, and what is sent. */

import type { Client } from "@urql/core";
import { readDate } from "@/components/dates";
import type { CreatedNoteFragment, CreditNoteInput, DebitNoteInput } from "@/graphql";
import type { Refusal, Refusals } from "@/graphql/errors";
import { readDecimal } from "@/money/decimal";
import { CREATE_CREDIT_NOTE, CREATE_DEBIT_NOTE } from "./noteDocuments";
import {
  emptyLine,
  findUnreadableLines,
  type FormLine,
  type Invoice,
  isBlank,
  toLineInputs,
  toNumber,
  type UnreadableLine,
  withoutBlankEnd,
} from "./form";
import { type ChosenPoint, readPoint, writePoint } from "./points";

export type NoteKind = "credit" | "debit";

/** What a note takes of, or adds to, a line of the invoice. */
export interface NotePart {
  isChosen: boolean;
  quantity: string;
  /** Instead of a quantity. */
  amount: string;
  /** What a debit note is for; "" for the line's description. */
  description: string;
}

export interface NoteDraft {
  reason: string;
  /** Of a credit note: all that is left of the invoice, or parts of its lines. */
  scope: "all" | "lines";
  /** By the positions of the invoice's lines. */
  parts: Record<string, NotePart>;
  /** What a debit note adds besides the lines. */
  charges: FormLine[];
  /** The billing point, as an option. */
  point: string;
  issueDate: string;
  notes: string;
  /** Whether it is mailed to the customer. */
  notify: boolean;
}

export const NO_PART: NotePart = { isChosen: false, quantity: "", amount: "", description: "" };

export function emptyNote(invoice: ChosenPoint): NoteDraft {
  return {
    reason: "",
    scope: "all",
    parts: {},
    charges: [emptyLine()],
    point: writePoint(invoice),
    issueDate: "",
    notes: "",
    notify: true,
  };
}

/** A note to be created. */
export type NoteRequest =
  { kind: "credit"; input: CreditNoteInput } | { kind: "debit"; input: DebitNoteInput };

/** The parts that are sent, with the positions of their lines. */
export function chosenParts({ parts }: NoteDraft): [position: string, part: NotePart][] {
  return Object.entries(parts)
    .filter(([, { isChosen }]) => isChosen)
    .sort(([one], [other]) => Number(one) - Number(other));
}

function chargesOf({ charges }: NoteDraft): FormLine[] {
  return charges.every(isBlank) ? [] : withoutBlankEnd(charges);
}

export function toNoteRequest(kind: NoteKind, invoice: Invoice, draft: NoteDraft): NoteRequest {
  const point = readPoint(draft.point);
  const isOther = point.branch !== invoice.branch || point.billingPoint !== invoice.billingPoint;
  const shared = {
    invoiceId: invoice.id,
    reason: draft.reason.trim(),
    notes: draft.notes.trim() || null,
    issueDate: readDate(draft.issueDate) || null,
    ...(isOther && point),
  };
  const parts = chosenParts(draft).map(([position, { quantity, amount, description }]) => ({
    position: Number(position),
    quantity: toNumber(quantity) || null,
    amount: toNumber(amount) || null,
    description: description.trim() || null,
  }));
  if (kind === "credit") {
    const lines = parts.map(({ description: _description, ...part }) => part);
    return { kind, input: { ...shared, lines: draft.scope === "all" ? null : lines } };
  }
  const charges = chargesOf(draft);
  return {
    kind,
    input: {
      ...shared,
      lines: parts.length > 0 ? parts : null,
      charges: charges.length > 0 ? toLineInputs(charges) : null,
    },
  };
}

/** Something that is missing, or that the service couldn't even read. All other faults are for the service to find. */
export type NoteFault =
  | UnreadableLine
  | { path: readonly ["lines"]; fault: "noLine" }
  | { path: readonly ["lines", position: string]; fault: "noAmount" }
  | {
      path: readonly ["lines", position: string, field: "quantity" | "amount"];
      fault: "ambiguous" | "noNumber";
      typed: string;
    }
  | { path: readonly ["issueDate"]; fault: "date" };

/** The faults, with "charges" in place of "lines" in the paths of charges. */
export function findNoteFaults(kind: NoteKind, draft: NoteDraft): { path: string[]; fault: NoteFault }[] {
  const parts = kind === "credit" && draft.scope === "all" ? [] : chosenParts(draft);
  const charges = kind === "debit" ? chargesOf(draft) : [];
  const found: NoteFault[] = parts.flatMap(([position, part]): NoteFault[] => {
    if (kind === "debit" && !`${part.quantity}${part.amount}`.trim()) {
      return [{ path: ["lines", position], fault: "noAmount" }];
    }
    return (["quantity", "amount"] as const).flatMap((field): NoteFault[] => {
      const fault = readDecimal(part[field]);
      if (fault !== "ambiguous" && fault !== "noNumber") return [];
      return [{ path: ["lines", position, field], fault, typed: part[field] }];
    });
  });
  if (parts.length + charges.length === 0 && !(kind === "credit" && draft.scope === "all")) {
    found.push({ path: ["lines"], fault: "noLine" });
  }
  if (readDate(draft.issueDate) === undefined) found.push({ path: ["issueDate"], fault: "date" });
  return [
    ...found.map((fault) => ({ path: [...fault.path], fault })),
    ...(charges.length > 0 ? findUnreadableLines(charges) : []).map((fault) => ({
      path: ["charges", ...fault.path.slice(1)],
      fault,
    })),
  ];
}

const SHOWN = new Set(["reason", "notes", "issueDate", "branch", "billingPoint", "lines", "charges"]);

/** Refusals with paths as in the form: positions of lines and keys of charges in place of indexes. */
export function toNotePaths(refusals: Refusals, draft: NoteDraft): Refusals {
  const keys: Record<string, string[]> = {
    lines: chosenParts(draft).map(([position]) => position),
    charges: chargesOf(draft).map(({ key }) => key),
  };
  return refusals.map((refusal): Refusal => {
    const path = refusal.path[0] === "input" ? refusal.path.slice(1) : refusal.path;
    const [name = "", index, ...rest] = path;
    if (!SHOWN.has(name)) return { ...refusal, path: [] };
    const key = index === undefined ? undefined : keys[name]?.[Number(index)];
    return { ...refusal, path: key === undefined ? path : [name, key, ...rest] };
  });
}

export interface NoteAnswer {
  note: CreatedNoteFragment | null;
  warnings: readonly { message: string }[];
  refusals: Refusals;
}

/** Issues a note, or only tries to with `dryRun`. */
export async function createNote(
  client: Client,
  request: NoteRequest,
  how: { dryRun: boolean; notify: boolean; idempotencyKey: string | null },
) {
  // What is left of the invoice changes, and lists that had no notes get one.
  const context = how.dryRun ? {} : { additionalTypenames: ["Invoice", "CreditNote", "DebitNote"] };
  if (request.kind === "credit") {
    const { data, error } = await client.mutation(
      CREATE_CREDIT_NOTE,
      { input: request.input, ...how },
      context,
    );
    const payload = data?.createCreditNote;
    return { error, answer: payload && toAnswer({ ...payload, note: payload.creditNote }) };
  }
  const { data, error } = await client.mutation(CREATE_DEBIT_NOTE, { input: request.input, ...how }, context);
  const payload = data?.createDebitNote;
  return { error, answer: payload && toAnswer({ ...payload, note: payload.debitNote }) };
}

function toAnswer(payload: {
  note: CreatedNoteFragment | null;
  warnings: NoteAnswer["warnings"];
  userErrors: Refusals;
}): NoteAnswer {
  return { note: payload.note, warnings: payload.warnings, refusals: payload.userErrors };
}
