import { scaleBand, scaleLinear, scaleOrdinal } from "@visx/scale";
import { BarStack } from "@visx/shape";
import type { Currency } from "@/graphql";
import { useMessages } from "@/i18n";
import { useFormats } from "@/i18n/format";
import { home } from "@/i18n/home";
import type { Figures } from "./HomePage";
import { useWidth } from "./useWidth";

const HEIGHT = 280;
const MARGIN = { top: 12, right: 4, bottom: 40 };
const MONTH_WIDTH = 34;
const KEYS = ["invoices", "debitNotes", "creditNotes"] as const;

type Key = (typeof KEYS)[number];
type Bar = { month: string; total: number } & Record<Key, number>;

/** Bars of each month: invoices and debit notes upwards, credit notes downwards, and a mark where the total is. */
export function SalesChart({ months, currency }: { months: Figures["months"]; currency: Currency }) {
  const t = useMessages(home);
  const format = useFormats();
  const [ref, width] = useWidth<HTMLElement>();
  const bars = months.map(toBar);
  const y = scaleLinear<number>({
    domain: [
      Math.min(0, ...bars.map(({ creditNotes }) => creditNotes)),
      Math.max(1, ...bars.map(({ invoices, debitNotes }) => invoices + debitNotes)),
    ],
    range: [HEIGHT - MARGIN.bottom, MARGIN.top],
    nice: 4,
  });
  const ticks = y.ticks(4);
  const left = 12 + 7 * Math.max(...ticks.map((tick) => format.count(tick).length));
  const x = scaleBand<string>({
    domain: bars.map(({ month }) => month),
    range: [left, Math.max(left + 1, width - MARGIN.right)],
    padding: 0.3,
  });
  // As many months as have room for their names, the current one among them.
  const step = Math.ceil(MONTH_WIDTH / x.step());
  const isNamed = (place: number) => (bars.length - 1 - place) % step === 0;
  const color = scaleOrdinal<Key, string>({ domain: [...KEYS], range: KEYS.map((key) => `bar-${key}`) });
  return (
    <figure ref={ref} className="chart">
      <svg role="img" aria-label={t.salesPicture} width={width} height={HEIGHT}>
        {ticks.map((tick) => (
          <g key={tick}>
            <line className={tick ? "grid" : "axis"} x1={left} x2={width} y1={y(tick)} y2={y(tick)} />
            <text x={left - 8} y={y(tick)} dy="0.32em" textAnchor="end">
              {format.count(tick)}
            </text>
          </g>
        ))}
        <BarStack<Bar, Key>
          data={bars}
          keys={[...KEYS]}
          x={({ month }) => month}
          xScale={x}
          yScale={y}
          color={color}
          offset="diverging"
        >
          {(stacks) =>
            stacks.map(({ key, bars: parts }) =>
              parts.map(({ x, y, width, height, bar: { data } }) => (
                <rect
                  key={`${key} ${data.month}`}
                  className={`bar-${key}`}
                  x={x}
                  y={y}
                  width={width}
                  height={height}
                >
                  <title>
                    {`${format.month(data.month)}, ${t.columns[key]}: ${format.money(Math.abs(data[key]).toFixed(2), currency)}`}
                  </title>
                </rect>
              )),
            )
          }
        </BarStack>
        {bars.map(({ month, total }, place) => (
          <g key={month}>
            {total !== 0 && (
              <line
                className="mark"
                x1={(x(month) ?? 0) - 2}
                x2={(x(month) ?? 0) + x.bandwidth() + 2}
                y1={y(total)}
                y2={y(total)}
              />
            )}
            {isNamed(place) && (
              <text
                x={(x(month) ?? 0) + x.bandwidth() / 2}
                y={HEIGHT - MARGIN.bottom + 16}
                textAnchor="middle"
              >
                {format.shortMonth(month)}
                {(place < step || Number(month.slice(5, 7)) <= step) && (
                  <tspan x={(x(month) ?? 0) + x.bandwidth() / 2} dy="1.25em">
                    {month.slice(0, 4)}
                  </tspan>
                )}
              </text>
            )}
          </g>
        ))}
      </svg>
      <figcaption className="legend small">
        {KEYS.map((key) => (
          <span key={key}>
            <span className={`swatch bar-${key}`} aria-hidden="true" /> {t.columns[key]}
          </span>
        ))}
        <span>
          <span className="swatch-mark" aria-hidden="true" /> {t.columns.total}
        </span>
      </figcaption>
    </figure>
  );
}

/** The figures as lengths, for which they need not be exact. */
function toBar({ month, invoices, debitNotes, creditNotes, total }: Figures["months"][number]): Bar {
  return {
    month,
    total: Number(total),
    invoices: Number(invoices),
    debitNotes: Number(debitNotes),
    creditNotes: -Number(creditNotes),
  };
}
