import "./date.css";
import { useEffect, useRef, useState } from "react";
import { Calendar } from "@/components/Calendar";
import { Field, type FieldProps } from "@/components/Field";
import { readDate, writeDate } from "@/components/dates";
import { useLeft } from "@/components/useLeft";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";

/**
 * A date that is typed as people in Panama write it, "31/12/2026", or chosen from a calendar. The value is the text; it is
 * written out in full when the field is left, and the field says so when it is no date.
 */
export function DateField({
  value,
  onChange,
  ...field
}: FieldProps & { value: string; onChange: (typed: string) => void }) {
  const t = useMessages(common);
  const { isLeft, leave, change } = useLeft();
  const [open, setOpen] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const element = useRef<HTMLDivElement>(null);
  const read = readDate(value);
  const fault = isLeft && read === undefined ? t.dateFault : undefined;

  useEffect(() => {
    if (!open) return;
    const close = (event: PointerEvent) => {
      if (!element.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", close);
    return () => document.removeEventListener("pointerdown", close);
  }, [open]);

  function onBlur() {
    leave();
    if (read && writeDate(read) !== value) onChange(writeDate(read));
  }

  function close() {
    setOpen(false);
    input.current?.focus();
  }

  return (
    <Field {...field} error={field.error ?? fault}>
      {(control) => (
        <div
          ref={element}
          className="date"
          onBlur={({ relatedTarget }) => {
            if (relatedTarget && !element.current?.contains(relatedTarget)) setOpen(false);
          }}
        >
          <input
            {...control}
            ref={input}
            className="input"
            inputMode="numeric"
            autoComplete="off"
            placeholder={t.datePlaceholder}
            value={value}
            onBlur={onBlur}
            onChange={(event) => {
              change();
              onChange(event.target.value);
            }}
          />
          <button
            type="button"
            className="date-button"
            aria-label={`${t.calendar}: ${field.label}`}
            aria-expanded={open}
            aria-haspopup="dialog"
            onClick={() => setOpen(!open)}
          >
            <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
              <path
                d="M2.5 4.5h11v9h-11zM2.5 7h11M5 2.5v3M11 2.5v3"
                fill="none"
                stroke="currentColor"
                strokeWidth="1.3"
              />
            </svg>
          </button>
          {open && (
            <Calendar
              label={field.label}
              chosen={read || null}
              onChoose={(date) => {
                onChange(writeDate(date));
                close();
              }}
              onClose={close}
            />
          )}
        </div>
      )}
    </Field>
  );
}
