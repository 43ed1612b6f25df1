import { Button } from "@/components/Button";
import { Badge, Notice } from "@/components/states";
import { below, messageAt, type Refusals } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { invoices } from "@/i18n/invoices";
import { CustomerCombobox } from "./CustomerCombobox";
import type { ChosenCustomer } from "./form";

/** The customer of the invoice: searched for, or new, which is the first entry of the list. */
export function CustomerChoice({
  value,
  onChange,
  onNew,
  onComplete,
  refusals,
}: {
  value: ChosenCustomer | null;
  onChange: (value: ChosenCustomer | null) => void;
  /** Called to enter a new customer, with the text that was searched for. */
  onNew: (typed: string) => void;
  /** Called to complete the customer with this id, which lacks data. */
  onComplete: (id: string) => void;
  refusals: Refusals;
}) {
  const t = useMessages(invoices);
  const words = useMessages(customers);

  if (value?.kind === "new") {
    const faults = below(refusals, "newCustomer");
    return (
      <div className="chosen-new">
        <div className="chosen-customer">
          <div>
            <p>
              <strong>{value.input.name}</strong> <Badge kind="accent">{words.list.create}</Badge>
            </p>
            <p className="muted small">
              {[value.input.ruc ?? value.input.foreignId?.number, t.savedWithInvoice]
                .filter(Boolean)
                .join(" · ")}
            </p>
          </div>
          <div className="actions">
            <Button onClick={() => onNew("")}>{t.editCustomer}</Button>
            <Button kind="quiet" onClick={() => onChange(null)}>
              {t.changeCustomer}
            </Button>
          </div>
        </div>
        {faults.length > 0 && <p className="field-error">{t.newCustomerWrong}</p>}
      </div>
    );
  }

  const own = refusals.filter(({ path }) => path[0] === "customerId");
  const lacking = value ? own.filter(({ relatedId }) => relatedId === value.id) : [];
  return (
    <>
      <CustomerCombobox
        label={t.findCustomer}
        required
        selected={value}
        onSelect={(customer) => onChange(customer && { kind: "existing", ...customer })}
        action={{ label: `+ ${words.list.create}`, run: onNew }}
        error={lacking.length > 0 ? t.customerIncomplete : messageAt(own, "customerId")}
      />
      {lacking.length > 0 && value && (
        <Notice kind="warning">
          <ul className="lacking">
            {lacking.map(({ message }) => (
              <li key={message}>{message}</li>
            ))}
          </ul>
          <div className="actions">
            <Button onClick={() => onComplete(value.id)}>{t.completeCustomer}</Button>
          </div>
        </Notice>
      )}
    </>
  );
}
