import { Link } from "wouter";
import { useMessages } from "@/i18n";
import { useFormats } from "@/i18n/format";
import { home } from "@/i18n/home";
import { sumAmounts } from "@/money/decimal";
import { FiguresTable } from "./FiguresTable";
import type { Figures } from "./HomePage";

/** To whom most was sold in the months shown, and how large a part of all sales that is. */
export function BestCustomers({ figures: { currency, months, bestCustomers } }: { figures: Figures }) {
  const t = useMessages(home);
  const format = useFormats();
  const title = `customers-${currency}`;
  const all = Number(sumAmounts(months.map(({ total }) => total)));
  return (
    <div className="card figures-card" role="group" aria-labelledby={title}>
      <div>
        <h3 id={title}>{t.bestCustomers}</h3>
        <p className="muted small">{t.bestCustomersHint}</p>
      </div>
      {bestCustomers.length === 0 ? (
        <p>{t.noCustomers}</p>
      ) : (
        <FiguresTable
          caption={t.bestCustomersTable}
          headers={[t.customer, t.amount, t.share]}
          rows={bestCustomers.map(({ id, name, total }) => ({
            key: id,
            cells: [
              <Link key="name" href={`/clientes/${id}`}>
                {name}
              </Link>,
              format.amount(total),
              all > 0 ? format.share(Number(total) / all) : "—",
            ],
          }))}
        />
      )}
    </div>
  );
}
