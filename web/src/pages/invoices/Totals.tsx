import "./totals.css";
import type { Currency, ItbmsRate } from "@/graphql";
import { useMessages } from "@/i18n";
import { useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";

interface Sums {
  subtotal: string;
  discountTotal: string;
  itbmsTotal: string;
  total: string;
  taxes: readonly { rate: ItbmsRate; base: string; amount: string }[];
}

/** The totals of an invoice, from the service or computed while it is typed. */
export function Totals({ sums, currency }: { sums: Sums; currency: Currency }) {
  const t = useMessages(invoices);
  const format = useFormats();
  const taxed = sums.taxes.filter(({ rate }) => rate !== "EXEMPT");
  return (
    <dl className="totals numeric">
      <div>
        <dt>{t.subtotal}</dt>
        <dd>{format.amount(sums.subtotal)}</dd>
      </div>
      {taxed.map(({ rate, amount }) => (
        <div key={rate}>
          <dt>{t.itbmsAt(t.rates[rate])}</dt>
          <dd>{format.amount(amount)}</dd>
        </div>
      ))}
      <div className="totals-total">
        <dt>{t.total}</dt>
        <dd>{format.money(sums.total, currency)}</dd>
      </div>
      {sums.discountTotal !== "0.00" && (
        <div className="muted small">
          <dt>{t.discounts}</dt>
          <dd>{format.amount(sums.discountTotal)}</dd>
        </div>
      )}
    </dl>
  );
}
