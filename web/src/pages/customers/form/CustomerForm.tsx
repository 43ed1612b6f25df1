import "./form.css";
import { useEffect, useRef } from "react";
import { ErrorState, Loading } from "@/components/states";
import type { Refusals } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { CUSTOMER_FIELD_NAMES, CUSTOMER_FIELDS, type Section } from "../fields";
import { useFieldRules } from "./useFieldRules";
import type { CustomerFormValue, CustomerInputProps } from "./values";

/**
 * The fields of a customer that the service wants for the types chosen. The form around them and its buttons are the
 * caller's, who sends `toCustomerInput(value, rules)` with the rules of `useFieldRules(value)`.
 */
export function CustomerForm({
  value,
  onChange,
  refusals,
  onUseExisting,
  onLookup,
  looksUpAtOnce,
  editedId,
  isNew = false,
}: Pick<
  CustomerInputProps,
  "value" | "onChange" | "onUseExisting" | "onLookup" | "looksUpAtOnce" | "editedId"
> & {
  /** With paths that begin at the customer: `atInput(userErrors)`. Those of fields changed since are outdated. */
  refusals: Refusals;
  /** A form for a new customer begins with the focus in its first text field, the RUC. */
  isNew?: boolean;
}) {
  const t = useMessages(customers);
  const { rules, error, reload } = useFieldRules(value);
  const element = useRef<HTMLDivElement>(null);
  const isReady = rules !== null;
  useEffect(() => {
    if (isNew && isReady) element.current?.querySelector<HTMLElement>("input:not([type=radio])")?.focus();
  }, [isNew, isReady]);
  if (!rules) return error ? <ErrorState error={error} onRetry={reload} /> : <Loading />;

  const set = (values: Partial<CustomerFormValue>) => onChange((before) => ({ ...before, ...values }));
  const inputsOf = (section: Section) =>
    CUSTOMER_FIELD_NAMES.map((name) => {
      const { section: ownSection, Input } = CUSTOMER_FIELDS[name];
      const rule = rules.get(name);
      if (ownSection !== section || !Input || !rule || rule.forbidden) return null;
      return (
        <Input
          key={name}
          rule={rule}
          rules={rules}
          value={value}
          onChange={onChange}
          set={set}
          refusals={refusals}
          onUseExisting={onUseExisting}
          onLookup={onLookup}
          looksUpAtOnce={looksUpAtOnce}
          editedId={editedId}
        />
      );
    });
  return (
    <div ref={element} className="customer-form">
      <section className="form-grid">{inputsOf("identity")}</section>
      <section className="form-grid" aria-labelledby="customer-location">
        <h2 id="customer-location" className="wide">
          {t.locationSection}
        </h2>
        {inputsOf("location")}
      </section>
      <section className="form-grid" aria-labelledby="customer-contact">
        <h2 id="customer-contact" className="wide">
          {t.contactSection}
        </h2>
        {inputsOf("contact")}
      </section>
      {inputsOf("persons")}
      <section className="form-grid" aria-labelledby="customer-other">
        <h2 id="customer-other" className="wide">
          {t.otherSection}
        </h2>
        {inputsOf("other")}
      </section>
    </div>
  );
}
