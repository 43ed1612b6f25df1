import { useState } from "react";
import { useMutation } from "urql";
import { Link } from "wouter";
import { Button, ButtonLink } from "@/components/Button";
import { useKeptFocus } from "@/components/focus";
import { Notice } from "@/components/states";
import { useToast } from "@/components/Toast";
import { type Refusals, useErrorText } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { useMay } from "@/layout/viewer";
import { ARCHIVE_CUSTOMER, type Customer, RESTORE_CUSTOMER } from "./documents";

/** Buttons to edit, archive, restore and invoice a customer. */
export function CustomerActions({ customer }: { customer: Customer }) {
  const t = useMessages(customers);
  const toast = useToast();
  const errorText = useErrorText();
  const mayWrite = useMay("WRITE");
  const [archiving, archiveCustomer] = useMutation(ARCHIVE_CUSTOMER);
  const [restoring, restoreCustomer] = useMutation(RESTORE_CUSTOMER);
  const [refusals, setRefusals] = useState<Refusals>([]);
  const error = archiving.error ?? restoring.error;
  useKeptFocus(customer.status);
  if (!mayWrite || customer.status === "ERASED") return null;

  async function archive() {
    const { data } = await archiveCustomer({ id: customer.id });
    setRefusals(data?.archiveCustomer.userErrors ?? []);
    if (data?.archiveCustomer.customer) toast(t.archivedToast);
  }
  async function restore() {
    const { data } = await restoreCustomer({ id: customer.id });
    setRefusals(data?.restoreCustomer.userErrors ?? []);
    if (data?.restoreCustomer.customer) toast(t.restoredToast);
  }

  return (
    <div className="customer-actions">
      <div className="actions">
        {customer.status === "ACTIVE" ? (
          <>
            <Button busy={archiving.fetching} onClick={archive}>
              {t.archive}
            </Button>
            <ButtonLink href={`/clientes/unificar?ids=${customer.id}`}>{t.merge}</ButtonLink>
            <ButtonLink href={`/clientes/${customer.id}/editar`}>{t.edit}</ButtonLink>
            <ButtonLink kind="primary" href={`/facturas/nueva?cliente=${customer.id}`}>
              {t.newInvoice}
            </ButtonLink>
          </>
        ) : (
          <>
            <ButtonLink href={`/clientes/${customer.id}/editar`}>{t.edit}</ButtonLink>
            <Button kind="primary" busy={restoring.fetching} onClick={restore}>
              {t.restore}
            </Button>
          </>
        )}
      </div>
      {(refusals.length > 0 || error) && (
        <Notice kind="danger" role="alert">
          {error && <p>{errorText(error)}</p>}
          {refusals.map((refusal) => (
            <p key={refusal.message}>
              {refusal.message}{" "}
              {refusal.relatedId && <Link href={`/clientes/${refusal.relatedId}`}>{t.openExisting}</Link>}
            </p>
          ))}
        </Notice>
      )}
    </div>
  );
}
