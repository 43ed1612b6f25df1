import type { ConflictRow } from "@/components/Conflict";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";
import { paymentMethods } from "@/i18n/payment";
import type { FormLine, FormPayment, InvoiceDraft } from "./form";
import { writePoint } from "./points";

type Version = Pick<InvoiceDraft, "fields" | "customer">;
type Described = [label: string, (version: Version) => string];

/**
 * A function that compares three versions of an invoice. Lines are saved together: if both people changed some, one sees
 * all of them.
 */
export function useConflictRows(): (base: Version, mine: Version, theirs: Version) => ConflictRow[] {
  const t = useMessages(invoices);
  const methods = useMessages(paymentMethods);

  function describeLine(line: FormLine | undefined): string {
    if (!line) return "";
    const { description, quantity, unitPrice, discount, itbmsRate, code, unit, cpbs } = line;
    const price = `${quantity} × ${unitPrice}${discount && ` − ${discount}`}`;
    const details = [code, unit?.code, cpbs && `${t.cpbs} ${cpbs.code}`]
      .filter(Boolean)
      .map((each) => ` · ${each}`);
    return `${description}\n${price} · ${t.itbms} ${t.rates[itbmsRate]}${details.join("")}`;
  }

  const describePayment = ({ method, amount, description }: FormPayment) =>
    `${description || methods[method]}: ${amount || t.theRest}`;

  const described: Described[] = [
    [t.customer, ({ customer }) => (customer?.kind === "existing" ? customer.name : "")],
    [t.billingPoint, ({ fields }) => writePoint(fields)],
    [t.issueDate, ({ fields }) => fields.issueDate],
    [t.dueDate, ({ fields }) => fields.dueDate],
    [t.currency, ({ fields }) => t.currencies[fields.currency]],
    [
      t.export,
      ({ fields: { incoterm, exportCountry, port } }) =>
        [incoterm, exportCountry, port].filter(Boolean).join(" · "),
    ],
    [t.paymentForms, ({ fields }) => fields.paymentForms.map(describePayment).join("\n")],
    [
      t.instalments,
      ({ fields }) => fields.instalments.map(({ dueDate, amount }) => `${dueDate}: ${amount}`).join("\n"),
    ],
    [
      t.withholding,
      ({ fields: { withholdingCode, withholdingAmount } }) =>
        [t.withholdings.find(([code]) => code === withholdingCode)?.[1], withholdingAmount]
          .filter(Boolean)
          .join(": "),
    ],
    [t.purchaseOrder, ({ fields }) => fields.purchaseOrder],
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
