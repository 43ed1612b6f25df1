import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { Button } from "@/components/Button";
import { addDays, addMonths, today, weeksOf } from "@/components/dates";
import { useLanguage, useMessages } from "@/i18n";
import { common } from "@/i18n/common";

const STEPS: Record<string, (date: string) => string> = {
  ArrowLeft: (date) => addDays(date, -1),
  ArrowRight: (date) => addDays(date, 1),
  ArrowUp: (date) => addDays(date, -7),
  ArrowDown: (date) => addDays(date, 7),
  PageUp: (date) => addMonths(date, -1),
  PageDown: (date) => addMonths(date, 1),
};

/** A month to choose a day from: by pointer, or by arrows and Page Up and Down, after the WAI-ARIA pattern "date picker dialog". */
export function Calendar({
  label,
  chosen,
  onChoose,
  onClose,
}: {
  label: string;
  chosen: string | null;
  onChoose: (date: string) => void;
  onClose: () => void;
}) {
  const t = useMessages(common);
  const [language] = useLanguage();
  const [day, setDay] = useState(() => chosen ?? today());
  const grid = useRef<HTMLTableElement>(null);
  const format = useMemo(() => createFormat(language), [language]);
  const weeks = weeksOf(day);

  // The buttons for other months keep the focus that they have.
  const movesFocus = useRef(true);
  useEffect(() => {
    if (movesFocus.current) grid.current?.querySelector<HTMLElement>("[tabindex='0']")?.focus();
    movesFocus.current = false;
  }, [day]);

  function onKeyDown(event: KeyboardEvent) {
    const step = STEPS[event.key];
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      onClose();
    } else if (step) {
      event.preventDefault();
      movesFocus.current = true;
      setDay(step(day));
    }
  }

  return (
    // Keys come from the days.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div role="dialog" aria-label={`${t.calendar}: ${label}`} className="calendar" onKeyDown={onKeyDown}>
      <div className="calendar-header">
        <Button kind="quiet" aria-label={t.previousMonth} onClick={() => setDay(addMonths(day, -1))}>
          ‹
        </Button>
        <p aria-live="polite">{format.month(day)}</p>
        <Button kind="quiet" aria-label={t.nextMonth} onClick={() => setDay(addMonths(day, 1))}>
          ›
        </Button>
      </div>
      <table ref={grid} className="numeric">
        <thead>
          <tr>
            {weeks[0]?.map((each) => (
              <th key={each} scope="col" abbr={format.weekday(each)}>
                {format.short(each)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map((week) => (
            <tr key={week[0]}>
              {week.map((each) => (
                <td key={each}>
                  <button
                    type="button"
                    tabIndex={each === day ? 0 : -1}
                    aria-label={format.full(each)}
                    aria-pressed={each === chosen}
                    aria-current={each === today() ? "date" : undefined}
                    className={each.slice(0, 7) === day.slice(0, 7) ? undefined : "muted"}
                    onClick={() => onChoose(each)}
                  >
                    {Number(each.slice(8))}
                  </button>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function createFormat(language: string) {
  const create = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(language, { ...options, timeZone: "UTC" });
    return (date: string) => format.format(new Date(`${date}T00:00:00Z`));
  };
  return {
    month: create({ month: "long", year: "numeric" }),
    weekday: create({ weekday: "long" }),
    short: create({ weekday: "short" }),
    full: create({ weekday: "long", day: "numeric", month: "long", year: "numeric" }),
  };
}
