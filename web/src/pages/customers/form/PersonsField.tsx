import { useRef } from "react";
import { Button } from "@/components/Button";
import { CheckboxField, TextField } from "@/components/Field";
import { messageAt, type Refusals } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import type { PersonValue } from "./values";

/** Personas asociadas: people at the customer's, who may be told of invoices. */
export function PersonsField({
  label,
  most,
  value,
  onChange,
  errors,
}: {
  label: string;
  most: number | undefined;
  value: readonly PersonValue[];
  onChange: (persons: PersonValue[]) => void;
  errors: Refusals;
}) {
  const t = useMessages(customers);
  const section = useRef<HTMLElement>(null);
  const change = (place: number, changed: Partial<PersonValue>) =>
    onChange(value.map((person, index) => (index === place ? { ...person, ...changed } : person)));
  const error = (place: number, name: keyof PersonValue) =>
    messageAt(errors, "associatedPersons", String(place), name);

  /** The focus goes to the new person, and after a removal to the button that adds one. */
  const focus = (selector: string) =>
    setTimeout(() => section.current?.querySelector<HTMLElement>(selector)?.focus(), 0);

  return (
    <section ref={section} className="persons" aria-labelledby="customer-persons">
      <div>
        <h2 id="customer-persons">{label}</h2>
        <p className="muted small">{t.personsHint}</p>
      </div>
      {messageAt(errors, "associatedPersons") && (
        <p className="field-error">{messageAt(errors, "associatedPersons")}</p>
      )}
      {value.map((person, place) => (
        <fieldset key={place} className="person">
          <legend className="visually-hidden">{t.person(place + 1)}</legend>
          <div className="form-grid">
            <TextField
              label={t.personName}
              required
              autoComplete="off"
              value={person.name}
              onChange={(name) => change(place, { name })}
              error={error(place, "name")}
            />
            <TextField
              label={t.personEmail}
              type="email"
              required={person.notify}
              autoComplete="off"
              value={person.email}
              onChange={(email) => change(place, { email })}
              error={error(place, "email")}
            />
            <TextField
              label={t.personPhone}
              type="tel"
              autoComplete="off"
              value={person.phone}
              onChange={(phone) => change(place, { phone })}
              error={error(place, "phone")}
            />
          </div>
          <div className="person-end">
            <CheckboxField
              label={t.personNotify}
              checked={person.notify}
              onChange={(notify) => change(place, { notify })}
            />
            <Button
              kind="quiet"
              aria-label={t.removePerson(person.name || t.person(place + 1))}
              onClick={() => {
                onChange(value.filter((_, index) => index !== place));
                focus(".add-person");
              }}
            >
              {t.remove}
            </Button>
          </div>
        </fieldset>
      ))}
      <Button
        className="add-person"
        disabled={most !== undefined && value.length >= most}
        onClick={() => {
          onChange([...value, { name: "", email: "", phone: "", notify: true }]);
          focus(".person:last-of-type input");
        }}
      >
        {t.addPerson}
      </Button>
    </section>
  );
}
