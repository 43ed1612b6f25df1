import { useRef } from "react";
import { Button } from "@/components/Button";
import { CheckboxField, TextField } from "@/components/Field";
import { messageAt } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import type { CustomerInputProps, PersonValue } from "./values";

/** Personas asociadas: people who work for the customer and may be notified of invoices. */
export function PersonsField({ rule, value, set, refusals }: CustomerInputProps) {
  const t = useMessages(customers);
  const section = useRef<HTMLElement>(null);
  const persons = value.associatedPersons;
  const setPersons = (associatedPersons: PersonValue[]) => set({ associatedPersons });
  const setPerson = (index: number, values: Partial<PersonValue>) =>
    setPersons(persons.map((person, each) => (each === index ? { ...person, ...values } : person)));
  const errorAt = (index: number, name: keyof PersonValue) =>
    messageAt(refusals, "associatedPersons", String(index), name);
  const error = messageAt(refusals, "associatedPersons");

  // The element appears only after this event.
  const focus = (selector: string) =>
    setTimeout(() => section.current?.querySelector<HTMLElement>(selector)?.focus(), 0);

  return (
    <section ref={section} className="persons" aria-labelledby="customer-persons">
      <div>
        <h2 id="customer-persons">{rule.label}</h2>
        <p className="muted small">{t.personsHint}</p>
      </div>
      {error && <p className="field-error">{error}</p>}
      {persons.map((person, index) => (
        <fieldset key={index} className="person">
          <legend className="visually-hidden">{t.person(index + 1)}</legend>
          <div className="form-grid">
            <TextField
              label={t.personName}
              required
              autoComplete="off"
              value={person.name}
              onChange={(name) => setPerson(index, { name })}
              error={errorAt(index, "name")}
            />
            <TextField
              label={t.personEmail}
              type="email"
              required={person.notify}
              autoComplete="off"
              value={person.email}
              onChange={(email) => setPerson(index, { email })}
              error={errorAt(index, "email")}
            />
            <TextField
              label={t.personPhone}
              type="tel"
              autoComplete="off"
              value={person.phone}
              onChange={(phone) => setPerson(index, { phone })}
              error={errorAt(index, "phone")}
            />
          </div>
          <div className="person-end">
            <CheckboxField
              label={t.personNotify}
              checked={person.notify}
              onChange={(notify) => setPerson(index, { notify })}
            />
            <Button
              kind="quiet"
              aria-label={t.removePerson(person.name || t.person(index + 1))}
              onClick={() => {
                setPersons(persons.filter((_, each) => each !== index));
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
        disabled={rule.maxLength !== null && persons.length >= rule.maxLength}
        onClick={() => {
          setPersons([...persons, { name: "", email: "", phone: "", notify: true }]);
          focus(".person:last-of-type input");
        }}
      >
        {t.addPerson}
      </Button>
    </section>
  );
}
