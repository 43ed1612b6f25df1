import { TextField } from "@/components/Field";
import { useLeft } from "@/components/useLeft";
import { isNumber, normalizeDecimal, readDecimal } from "@/money/decimal";
import { useFaultText } from "./NumberField";

/** An amount. When it is left, it is written as it was understood, or says what is wrong with it. */
export function AmountField({
  label,
  hint,
  required,
  placeholder,
  value,
  error,
  onChange,
}: {
  label: string;
  hint?: string;
  required?: boolean;
  placeholder?: string;
  value: string;
  error: string | undefined;
  onChange: (typed: string) => void;
}) {
  const faultText = useFaultText();
  const { isLeft, leave, change } = useLeft();
  const read = readDecimal(value);
  const fault = isLeft && !isNumber(read) && read !== "empty" ? faultText(read, value) : undefined;
  return (
    <TextField
      label={label}
      hint={hint}
      required={required}
      placeholder={placeholder}
      inputMode="decimal"
      autoComplete="off"
      value={value}
      error={error ?? fault}
      onBlur={() => {
        leave();
        const written = normalizeDecimal(value);
        if (written !== undefined && written !== value) onChange(written);
      }}
      onChange={(typed) => {
        change();
        onChange(typed);
      }}
    />
  );
}
