import type { InputHTMLAttributes } from "react";
import { TextField } from "@/components/Field";
import { messageAt } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import type { CustomerInputProps, TextFieldName } from "./values";

type HintName = "addressHint" | "externalIdHint" | "emailHint" | "phoneHint" | "mobileHint";

export type CustomerTextFieldOptions = Pick<InputHTMLAttributes<HTMLInputElement>, "type" | "inputMode"> & {
  wide?: boolean;
  /** The name of the hint among the words. */
  hint?: HintName;
};

/** Creates the input of a field that is one line of text. */
export function createTextInput(name: TextFieldName, { hint, ...options }: CustomerTextFieldOptions) {
  return function CustomerTextField({ rule, value, set, refusals }: CustomerInputProps) {
    const t = useMessages(customers);
    return (
      <TextField
        {...options}
        label={rule.label}
        hint={hint && t[hint]}
        required={rule.required}
        maxLength={rule.maxLength ?? undefined}
        autoComplete="off"
        value={value[name]}
        onChange={(typed) => set({ [name]: typed })}
        error={messageAt(refusals, name)}
      />
    );
  };
}
