import { TextField } from "@/components/Field";
import { useLeft } from "@/components/useLeft";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";
import { meaningsOf, normalizeDecimal } from "@/money/decimal";
import { findNumberFault, type FormLine, type LineFault, type NumberField as Name } from "./form";

/** A number of a line. When it is left, it is written as it was understood, or says what is wrong with it. */
export function NumberField({
  line,
  name,
  label,
  required,
  placeholder,
  error,
  onChange,
}: {
  line: FormLine;
  name: Name;
  label: string;
  required?: boolean;
  placeholder?: string;
  error: string | undefined;
  onChange: (typed: string) => void;
}) {
  const faultText = useFaultText();
  const { isLeft, leave, change } = useLeft();
  const value = line[name];
  const fault = isLeft ? findNumberFault(line, name) : undefined;

  function onBlur() {
    leave();
    const written = normalizeDecimal(value);
    if (written !== undefined && written !== value) onChange(written);
  }

  return (
    <TextField
      label={label}
      required={required}
      placeholder={placeholder}
      inputMode="decimal"
      autoComplete="off"
      value={value}
      error={error ?? (fault && faultText(fault, value))}
      onBlur={onBlur}
      onChange={(typed) => {
        change();
        onChange(typed);
      }}
    />
  );
}

/** A function that says what is wrong with a number. */
export function useFaultText(): (fault: LineFault, typed: string) => string {
  const { numberFaults } = useMessages(invoices);
  return (fault, typed) =>
    fault === "ambiguous" ? numberFaults.ambiguous(...meaningsOf(typed)) : numberFaults[fault];
}
