import "./field.css";
import type { InputHTMLAttributes, ReactNode, SelectHTMLAttributes, TextareaHTMLAttributes } from "react";
import { useId } from "react";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";

/** The properties of every field. `error` says what is wrong with its value. */
export type FieldProps = {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  required?: boolean | undefined;
  /** Takes the whole width of a `form-grid`. */
  wide?: boolean;
};

/** The attributes that connect a control with its label, hint and error. */
export type ControlProps = {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
  "aria-required": true | undefined;
};

/** A control with its label, and its hint or error. */
export function Field({
  label,
  hint,
  error,
  required,
  wide,
  children,
}: FieldProps & { children: (control: ControlProps) => ReactNode }) {
  const id = useId();
  const described = error ? `${id}-error` : hint ? `${id}-hint` : undefined;
  return (
    <div className={wide ? "field wide" : "field"}>
      <label htmlFor={id}>
        {label}
        {required && <RequiredMark />}
      </label>
      {children({
        id,
        "aria-describedby": described,
        "aria-invalid": error ? true : undefined,
        "aria-required": required ? true : undefined,
      })}
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
    </div>
  );
}

/** For eyes only: screen readers hear aria-required from the control. */
export function RequiredMark() {
  return <span className="required-mark" aria-hidden="true" />;
}

export function RequiredNote() {
  const t = useMessages(common);
  return <p className="muted small">{t.requiredNote}</p>;
}

type Controlled<Attributes> = FieldProps &
  Omit<Attributes, "value" | "onChange" | "required"> & { value: string; onChange: (value: string) => void };

export function TextField({
  label,
  hint,
  error,
  required,
  wide = false,
  value,
  onChange,
  ...rest
}: Controlled<InputHTMLAttributes<HTMLInputElement>>) {
  return (
    <Field label={label} hint={hint} error={error} required={required} wide={wide}>
      {(control) => (
        <input
          className="input"
          {...rest}
          {...control}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

/** A number of days. It takes digits only, so that the service can read it. */
export function DaysField({
  onChange,
  ...field
}: FieldProps & { value: string; readOnly?: boolean; onChange: (days: string) => void }) {
  return (
    <TextField
      {...field}
      inputMode="numeric"
      autoComplete="off"
      maxLength={3}
      onChange={(typed) => onChange(typed.replace(/\D/g, ""))}
    />
  );
}

export function TextAreaField({
  label,
  hint,
  error,
  required,
  wide = false,
  value,
  onChange,
  ...rest
}: Controlled<TextareaHTMLAttributes<HTMLTextAreaElement>>) {
  return (
    <Field label={label} hint={hint} error={error} required={required} wide={wide}>
      {(control) => (
        <textarea
          className="input"
          rows={3}
          {...rest}
          {...control}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

/** `options` are pairs of value and text; "" stands for none. */
export function SelectField<Value extends string>({
  label,
  hint,
  error,
  required,
  wide = false,
  value,
  onChange,
  options,
  ...rest
}: FieldProps &
  Omit<SelectHTMLAttributes<HTMLSelectElement>, "value" | "onChange" | "required"> & {
    value: Value;
    onChange: (value: Value) => void;
    options: readonly (readonly [Value, string])[];
  }) {
  return (
    <Field label={label} hint={hint} error={error} required={required} wide={wide}>
      {(control) => (
        <select
          className="input select"
          {...rest}
          {...control}
          value={value}
          onChange={(event) => onChange(event.target.value as Value)}
        >
          {options.map(([each, text]) => (
            <option key={each} value={each}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function CheckboxField({
  label,
  hint,
  checked,
  onChange,
  disabled = false,
}: {
  label: string;
  hint?: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}) {
  const id = useId();
  return (
    <div className="checkbox-field">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      <label htmlFor={id}>{label}</label>
      {hint && (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
