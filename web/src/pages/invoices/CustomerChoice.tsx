import { Link } from "wouter";
import { Button } from "@/components/Button";
import { Badge, Notice } from "@/components/states";
import { below, messageAt, type Refusals } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";
import { CustomerCombobox } from "./CustomerCombobox";
import type { Chosen } from "./form";

/** Who the invoice is for: somebody to be found, or a new customer by the list's first entry. */
export function CustomerChoice({
  value,
  onChange,
  onNew,
  refusals,
}: {
  value: Chosen | null;
  onChange: (value: Chosen | null) => void;
  /** Asked for a new customer, with the words searched for so far. */
  onNew: (typed: string) => void;
  refusals: Refusals;
}) {
  const t = useMessages(invoices);

  if (value?.kind === "new") {
    const wrong = below(refusals, "newCustomer");
    return (
      <div className="chosen-new">
        <div className="chosen-customer">
          <div>
            <p>
              <strong>{value.input.name}</strong> <Badge kind="accent">{t.newCustomer}</Badge>
            </p>
            <p className="muted small">
              {[value.input.ruc ?? value.input.foreignId?.number, t.newCustomerKept]
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
        {wrong.length > 0 && <p className="field-error">{t.newCustomerWrong}</p>}
      </div>
    );
  }

  const incomplete = refusals.some(({ path, relatedId }) => path[0] === "customerId" && relatedId);
  return (
    <>
      <CustomerCombobox
        label={t.findCustomer}
        required
        selected={value}
        onSelect={(customer) => onChange(customer && { kind: "stored", ...customer })}
        action={{ label: `+ ${t.newCustomer}`, run: onNew }}
        error={messageAt(refusals, "customerId")}
      />
      {incomplete && value && (
        <Notice kind="warning">
          <Link href={`/clientes/${value.id}`}>{t.completeCustomer}</Link>
        </Notice>
      )}
    </>
  );
}
