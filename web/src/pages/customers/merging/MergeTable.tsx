import { Button } from "@/components/Button";
import { Badge } from "@/components/states";
import { useMessages } from "@/i18n";
import { customers as customerWords } from "@/i18n/customers";
import { useFormats } from "@/i18n/format";
import { merging } from "@/i18n/merging";
import { CUSTOMER_FIELDS, useFormatField } from "../fields";
import { fromCustomer } from "../form/convert";
import type { CustomerFieldName } from "../form/values";
import type { Choices } from "./choices";
import type { Preview } from "./documents";
import type { ToMerge } from "./MergePage";

type MergedField = Preview["fields"][number];

const isKnown = (name: string): name is CustomerFieldName => name in CUSTOMER_FIELDS;

/** A column for each customer, a row for each field that one of them has: where the survivor's comes from is chosen there. */
export function MergeTable({
  customers,
  survivor,
  fields,
  choices,
  onSurvivor,
  onChoose,
  onLeaveOut,
}: {
  customers: ToMerge[];
  survivor: ToMerge;
  fields: MergedField[];
  choices: Choices;
  onSurvivor: (id: string) => void;
  onChoose: (name: string, customerId: string) => void;
  onLeaveOut: (id: string) => void;
}) {
  const t = useMessages(merging);
  const formats = useFormats();
  return (
    <div className="merge-scroll">
      <table className="merge-table">
        <caption className="visually-hidden">{t.mergeTitle}</caption>
        <thead>
          <tr>
            <th scope="col">{t.field}</th>
            {customers.map((customer) => (
              <th key={customer.id} scope="col">
                <span className="block merge-name">{customer.name}</span>
                <span className="block muted">
                  {t.invoices(customer.invoiceCount)} · {t.registered(formats.moment(customer.createdAt))}
                </span>
                <label className="merge-choice">
                  <input
                    type="radio"
                    name="survivor"
                    checked={customer === survivor}
                    onChange={() => onSurvivor(customer.id)}
                    aria-label={t.staysName(customer.name)}
                  />
                  {t.stays}
                </label>
                {customers.length > 2 && customer !== survivor && (
                  <Button
                    kind="quiet"
                    aria-label={t.leaveOutName(customer.name)}
                    onClick={() => onLeaveOut(customer.id)}
                  >
                    {t.leaveOut}
                  </Button>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {fields
            .filter((field) => field.values.some(({ text }) => text !== null))
            .map((field) => (
              <FieldRow
                key={field.name}
                field={field}
                chosen={choices[field.name]}
                customers={customers}
                onChoose={onChoose}
              />
            ))}
        </tbody>
      </table>
    </div>
  );
}

function FieldRow({
  field,
  chosen,
  customers,
  onChoose,
}: {
  field: MergedField;
  chosen: string | undefined;
  customers: ToMerge[];
  onChoose: (name: string, customerId: string) => void;
}) {
  const t = useMessages(merging);
  const words = useMessages(customerWords);
  const formatField = useFormatField();
  const { name, winnerIds } = field;
  const extra: Record<string, string> = t.extra;
  const label = isKnown(name) ? words.fields[name] : (extra[name] ?? name);
  const texts = customers.map((customer) =>
    isKnown(name)
      ? formatField(name, fromCustomer(customer))
      : (field.values.find(({ customerId }) => customerId === customer.id)?.text ?? ""),
  );
  const isSame = new Set(texts).size === 1;
  return (
    <tr>
      <th scope="row">{label}</th>
      {customers.map((customer, index) => {
        const text = texts[index] || <span className="muted">{t.nothing}</span>;
        // What is chosen shows at once, before the service has said what becomes of it.
        const wins = chosen ? chosen === customer.id : winnerIds.includes(customer.id);
        if (isSame) return <td key={customer.id}>{text}</td>;
        if (winnerIds.length > 1 && !chosen)
          return (
            <td key={customer.id}>
              {text} {wins && <Badge kind="accent">{t.together}</Badge>}
            </td>
          );
        return (
          <td key={customer.id} className={wins ? "merge-wins" : undefined}>
            <label className="merge-choice">
              <input
                type="radio"
                name={`field-${name}`}
                checked={wins}
                onChange={() => onChoose(name, customer.id)}
                aria-label={t.choose(label, customer.name)}
              />
              <span>{text}</span>
            </label>
          </td>
        );
      })}
    </tr>
  );
}
