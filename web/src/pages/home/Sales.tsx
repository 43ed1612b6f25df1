import { Link } from "wouter";
import { addDays, addMonths } from "@/components/dates";
import { useMessages } from "@/i18n";
import { useFormats } from "@/i18n/format";
import { home } from "@/i18n/home";
import { sumAmounts } from "@/money/decimal";
import { LISTS } from "@/pages/invoices/DocumentTabs";
import { FiguresTable } from "./FiguresTable";
import type { Figures } from "./HomePage";
import { SalesChart } from "./SalesChart";

const COLUMNS: { key: Column; list?: string }[] = [
  { key: "invoices" },
  { key: "debitNotes", list: LISTS.debit },
  { key: "creditNotes", list: LISTS.credit },
  { key: "total" },
  { key: "itbms" },
  { key: "net" },
];

type Column = Exclude<keyof Figures["months"][number], "month" | "__typename">;

/**
 * What was invoiced by month. Credit notes stand beside invoices, and below the line, as a bookkeeper books them: in the
 * month in which they are issued. What is left of both is the total.
 */
export function Sales({ figures: { currency, months } }: { figures: Figures }) {
  const t = useMessages(home);
  const format = useFormats();
  const title = `sales-${currency}`;
  const current = months.at(-1);
  const sums = COLUMNS.map(({ key }) => sumAmounts(months.map((month) => month[key])));
  return (
    <div className="card figures-card" role="group" aria-labelledby={title}>
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
          headers={[t.month, ...COLUMNS.map(({ key }) => t.columns[key])]}
          rows={months.map((month) => ({
            key: month.month,
            cells: [
              <Link key="month" href={issuedIn(month.month, LISTS.invoices)} className="unbroken">
                {format.month(month.month)}
              </Link>,
              ...COLUMNS.map(({ key, list }) => (
                <Amount key={key} value={month[key]} href={list && issuedIn(month.month, list)} />
              )),
            ],
          }))}
          foot={[t.twelveMonths, ...sums.map((sum, place) => <Amount key={place} value={sum} />)]}
        />
      </div>
    </div>
  );
}

/** An amount, with the list of what it is made of. Zeros are many here, and only in the way. */
function Amount({ value, href }: { value: string; href?: string | undefined }) {
  const format = useFormats();
  if (Number(value) === 0) return <span className="muted">—</span>;
  const text = format.amount(value);
  return href ? <Link href={href}>{text}</Link> : text;
}

/** The list of the documents of a month, which is named by its first day. */
function issuedIn(month: string, list: string): string {
  return `${list}?estado=emitidas&desde=${month}&hasta=${addDays(addMonths(month, 1), -1)}`;
}
