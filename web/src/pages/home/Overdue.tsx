import { scaleBand, scaleLinear } from "@visx/scale";
import { Bar } from "@visx/shape";
import { Link } from "wouter";
import { addDays } from "@/components/dates";
import type { Currency } from "@/graphql";
import { useMessages } from "@/i18n";
import { useFormats } from "@/i18n/format";
import { home } from "@/i18n/home";
import { sumAmounts } from "@/money/decimal";
import { FiguresTable } from "./FiguresTable";
import type { Figures } from "./HomePage";
import { useWidth } from "./useWidth";

const HEIGHT = 168;
const LABELS = 76;

/** What is overdue, by how long. */
export function Overdue({ figures: { currency, overdue }, today }: { figures: Figures; today: string }) {
  const t = useMessages(home);
  const format = useFormats();
  const title = `overdue-${currency}`;
  const count = overdue.reduce((sum, age) => sum + age.count, 0);
  const total = sumAmounts(overdue.map((age) => age.total));
  return (
    <div className="card figures-card" role="group" aria-labelledby={title}>
      <div>
        <h3 id={title}>{t.overdue}</h3>
        <p className="muted small">{t.overdueHint}</p>
      </div>
      {count === 0 ? (
        <p>{t.nothingOverdue}</p>
      ) : (
        <>
          <AgeChart overdue={overdue} currency={currency} />
          <FiguresTable
            caption={t.overdueTable}
            headers={[t.age, t.invoices, t.amount]}
            rows={overdue.map(({ fromDays, toDays, count, total }) => ({
              key: String(fromDays),
              cells: [
                count > 0 ? (
                  <Link key="age" href={overdueSince(today, fromDays, toDays)} className="unbroken">
                    {t.days(fromDays, toDays)}
                  </Link>
                ) : (
                  t.days(fromDays, toDays)
                ),
                format.count(count),
                format.amount(total),
              ],
            }))}
            foot={[
              <Link key="all" href="/facturas?estado=vencidas">
                {t.allOverdue}
              </Link>,
              format.count(count),
              format.amount(total),
            ]}
          />
        </>
      )}
    </div>
  );
}

/** The list of what has been overdue for so many days. */
function overdueSince(today: string, fromDays: number, toDays: number | null): string {
  const oldest = toDays === null ? "" : `&vence-desde=${addDays(today, -toDays)}`;
  return `/facturas?estado=vencidas${oldest}&vence-hasta=${addDays(today, -fromDays)}`;
}

function AgeChart({ overdue, currency }: { overdue: Figures["overdue"]; currency: Currency }) {
  const t = useMessages(home);
  const format = useFormats();
  const [ref, width] = useWidth<HTMLElement>();
  const x = scaleLinear<number>({
    domain: [0, Math.max(1, ...overdue.map(({ total }) => Number(total)))],
    range: [0, Math.max(1, width - LABELS)],
  });
  const y = scaleBand<number>({
    domain: overdue.map(({ fromDays }) => fromDays),
    range: [0, HEIGHT],
    padding: 0.25,
  });
  return (
    <figure ref={ref} className="chart">
      <svg role="img" aria-label={t.overduePicture} width={width} height={HEIGHT}>
        {overdue.map(({ fromDays, toDays, total }, place) => (
          <g key={fromDays}>
            <text x={LABELS - 8} y={(y(fromDays) ?? 0) + y.bandwidth() / 2} dy="0.32em" textAnchor="end">
              {t.shortDays(fromDays, toDays)}
            </text>
            <Bar
              className={`age age-${place}`}
              x={LABELS}
              y={y(fromDays)}
              width={x(Math.max(0, Number(total)))}
              height={y.bandwidth()}
            >
              <title>{`${t.days(fromDays, toDays)}: ${format.money(total, currency)}`}</title>
            </Bar>
          </g>
        ))}
        <line className="axis" x1={LABELS} x2={LABELS} y1={0} y2={HEIGHT} />
      </svg>
    </figure>
  );
}
