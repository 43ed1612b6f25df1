import { Badge } from "@/components/states";
import type { CustomerStatus, VerificationStatus } from "@/graphql";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";

/** What stands out about a customer: that it is archived, or differs from the registry. */
export function StatusBadges({
  customer,
}: {
  customer: { status: CustomerStatus; verification: { status: VerificationStatus } };
}) {
  const t = useMessages(customers);
  const { status } = customer.verification;
  return (
    <>
      {customer.status === "ARCHIVED" && <Badge>{t.archived}</Badge>}
      {customer.status === "ERASED" && <Badge>{t.erased}</Badge>}
      {(status === "MISMATCH" || status === "NOT_FOUND") && (
        <Badge kind="warning">{t.verifications[status]}</Badge>
      )}
    </>
  );
}
