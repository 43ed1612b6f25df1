import "./note.css";
import { CheckboxField, TextField } from "@/components/Field";
import type { Currency } from "@/graphql";
import { messageAt, type Refusals } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";
import { notes } from "@/i18n/notes";
import { AmountField } from "./AmountField";
import type { Invoice } from "./form";
import { NO_PART, type NoteKind, type NotePart } from "./note";

type Line = Invoice["lines"][number];

/** The lines of the invoice, with what a note takes of each or adds to it. */
export function NoteLines({
  kind,
  lines,
  currency,
  parts,
  refusals,
  onChange,
}: {
  kind: NoteKind;
  lines: readonly Line[];
  currency: Currency;
  parts: Record<string, NotePart>;
  /** By the positions of the lines: ["1", "quantity"]. */
  refusals: Refusals;
  onChange: (position: string, part: NotePart) => void;
}) {
  const t = useMessages(notes);
  const error = messageAt(refusals);
  return (
    <>
      <p className="muted small">{kind === "credit" ? t.creditHint : t.debitHint}</p>
      <ol className="note-lines">
        {lines.map((line) => (
          <NoteLine
            key={line.position}
            kind={kind}
            line={line}
            currency={currency}
            part={parts[line.position] ?? NO_PART}
            refusals={refusals}
            onChange={(part) => onChange(String(line.position), part)}
          />
        ))}
      </ol>
      {error && (
        <p className="field-error" data-refusals tabIndex={-1}>
          {error}
        </p>
      )}
    </>
  );
}

function NoteLine({
  kind,
  line,
  currency,
  part,
  refusals,
  onChange,
}: {
  kind: NoteKind;
  line: Line;
  currency: Currency;
  part: NotePart;
  refusals: Refusals;
  onChange: (part: NotePart) => void;
}) {
  const t = useMessages(notes);
  const words = useMessages(invoices);
  const format = useFormats();
  const position = String(line.position);
  const error = messageAt(refusals, position);
  const left = kind === "credit" ? line.creditableQuantity : null;
  return (
    <li className="note-line" aria-label={words.line(line.position)}>
      <CheckboxField
        label={line.description}
        hint={toHint()}
        checked={part.isChosen}
        onChange={(isChosen) => onChange({ ...part, isChosen })}
      />
      <AmountField
        label={t.quantity}
        placeholder={left && left !== "0" ? format.quantity(left) : ""}
        value={part.quantity}
        error={messageAt(refusals, position, "quantity")}
        onChange={(quantity) =>
          onChange({ ...part, quantity, ...(quantity && { amount: "", isChosen: true }) })
        }
      />
      <AmountField
        label={t.amount}
        placeholder={kind === "credit" && line.creditableNet ? format.amount(line.creditableNet) : ""}
        value={part.amount}
        error={messageAt(refusals, position, "amount")}
        onChange={(amount) => onChange({ ...part, amount, ...(amount && { quantity: "", isChosen: true }) })}
      />
      {kind === "debit" && part.isChosen && (
        <div className="note-line-end">
          <TextField
            label={words.description}
            placeholder={line.description}
            value={part.description}
            error={messageAt(refusals, position, "description")}
            onChange={(description) => onChange({ ...part, description })}
          />
        </div>
      )}
      {error && (
        <p className="field-error note-line-end" data-refusals tabIndex={-1}>
          {error}
        </p>
      )}
    </li>
  );

  function toHint(): string {
    if (kind === "debit") return t.priceOf(format.quantity(line.quantity), format.price(line.unitPrice));
    const net = format.money(line.creditableNet ?? "0.00", currency);
    return left && left !== "0" ? t.leftOf(format.quantity(left), net) : t.leftOfNet(net);
  }
}
