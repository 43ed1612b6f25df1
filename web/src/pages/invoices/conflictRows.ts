import type { ConflictRow } from "@/components/Conflict";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";
import type { FormLine, InvoiceDraft } from "./form";

type Version = Pick<InvoiceDraft, "fields" | "customer">;
type Described = [label: string, (version: Version) => string];

/**
 * A function that compares three versions of an invoice. Lines are saved together: if both people changed some, one sees
 * all of them.
 */
export function useConflictRows(): (base: Version, mine: Version, theirs: Version) => ConflictRow[] {
  const t = useMessages(invoices);

  function describeLine(line: FormLine | undefined): string {
    if (!line) return "";
    const { description, quantity, unitPrice, discount, itbmsRate } = line;
    const price = `${quantity} × ${unitPrice}${discount && ` − ${discount}`}`;
    return `${description}\n${price} · ${t.itbms} ${t.rates[itbmsRate]}`;
  }

  const described: Described[] = [
    [t.customer, ({ customer }) => (customer?.kind === "existing" ? customer.name : "")],
    [t.billingPoint, ({ fields }) => fields.billingPoint],
    [t.issueDate, ({ fields }) => fields.issueDate],
    [t.dueDate, ({ fields }) => fields.dueDate],
    [t.currency, ({ fields }) => t.currencies[fields.currency]],
    [t.notes, ({ fields }) => fields.notes],
  ];

  return (base, mine, theirs) => {
    const all = ({ fields }: Version) => fields.lines.map((line) => describeLine(line)).join("\n");
    const isReplaced = all(mine) !== all(base) && all(theirs) !== all(base);
    const count = Math.max(...[base, mine, theirs].map(({ fields }) => fields.lines.length));
    const each = Array.from({ length: count }, (_, index): Described => [
      t.line(index + 1),
      ({ fields }) => describeLine(fields.lines[index]),
    ]);
    const lines: Described[] = isReplaced ? [[t.lines, all]] : each;
    return [...described, ...lines].map(([label, of]) => ({
      key: label,
      label,
      base: of(base),
      mine: of(mine),
      theirs: of(theirs),
    }));
  };
}
