import { ButtonLink } from "@/components/Button";
import { EmptyState } from "@/components/states";
import { useTitle } from "@/components/useTitle";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";

/** Shown in place of a form to a key that may only read. */
export function ReadOnly() {
  const t = useMessages(invoices);
  useTitle(t.list.title);
  return (
    <EmptyState title={t.readOnly} heading="h1">
      <ButtonLink href="/facturas">{t.backToList}</ButtonLink>
    </EmptyState>
  );
}
