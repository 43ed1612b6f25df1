import { Link } from "wouter";
import { useMessages } from "@/i18n";
import { useFormats } from "@/i18n/format";
import { home } from "@/i18n/home";
import { sumAmounts } from "@/money/decimal";
import { FiguresTable } from "./FiguresTable";
import type { Figures } from "./HomePage";
import { SalesChart } from "./SalesChart";

const COLUMNS = ["invoices", "debitNotes", "creditNotes", "total", "itbms", "net"] as const;

/**
 * What was invoiced by month. Credit notes stand beside invoices, and below the line, as a bookkeeper books them: in the
 * month in which they are issued. What is left of both is the total.
 */
export function Sales({ figures: { currency, months } }: { figures: Figures }) {
  const t = useMessages(home);
  const format = useFormats();
  const title = `sales-${currency}`;
  const [current] = months.slice(-1);
  const sums = COLUMNS.map((column) => sumAmounts(months.map((month) => month[column])));
  return (
    <section className="card figures-card" aria-labelledby={title}>
      <div>
        <h3 id={title}>{t.sales}</h3>
        <p className="muted small">{t.salesHint}</p>
      </div>
      <p>
        {current && (
          <>
            <span className="muted">{t.thisMonth}</span>{" "}
            <strong className="headline numeric">{format.money(current.total, currency)}</strong>
          </>
        )}
      </p>
      <div className="sales">
        <SalesChart months={months} currency={currency} />
        <FiguresTable
          caption={t.salesTable}
          headers={[t.month, ...COLUMNS.map((column) => t.columns[column])]}
          rows={months.map((month) => ({
            key: month.month,
            cells: [
              <Link
                key="month"
                href={`/facturas?estado=emitidas&desde=${month.month}&hasta=${lastDay(month.month)}`}
              >
                {format.month(month.month)}
              </Link>,
              ...COLUMNS.map((column) => <Amount key={column} value={month[column]} />),
            ],
          }))}
          foot={[t.twelveMonths, ...sums.map((sum, place) => <Amount key={place} value={sum} />)]}
        />
      </div>
    </section>
  );
}

/** Zeros are many here, and only in the way. */
function Amount({ value }: { value: string }) {
  const format = useFormats();
  return Number(value) === 0 ? <span className="muted">—</span> : format.amount(value);
}

/** The last day of a month that is named by its first one. */
export function lastDay(month: string): string {
  const [year = 0, number = 0] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
}
