import "./choice.css";
import { useId } from "react";
import { RequiredMark } from "@/components/Field";

/** A choice among a few visible options: radio buttons drawn as a row of segments. */
export function ChoiceField<Value extends string>({
  label,
  value,
  onChange,
  options,
  required,
  error,
  hint,
}: {
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  options: readonly (readonly [Value, string])[];
  required?: boolean;
  error?: string | undefined;
  hint?: string | undefined;
}) {
  const id = useId();
  const described = error ? `${id}-error` : hint ? `${id}-hint` : undefined;
  return (
    <fieldset
      role="radiogroup"
      className="field"
      aria-describedby={described}
      aria-invalid={error ? true : undefined}
      aria-required={required}
    >
      <legend>
        {label}
        {required && <RequiredMark />}
      </legend>
      <div className={error ? "choice choice-invalid" : "choice"}>
        {options.map(([each, text]) => (
          <label key={each}>
            <input
              type="radio"
              name={id}
              value={each}
              checked={each === value}
              required={required}
              onChange={() => onChange(each)}
            />
            <span>{text}</span>
          </label>
        ))}
      </div>
      {error && (
        <p className="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
      {hint && !error && (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </fieldset>
  );
}
