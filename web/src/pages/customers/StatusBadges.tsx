import { Badge } from "@/components/states";
import type { CustomerStatus, VerificationStatus } from "@/graphql";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";

/** What is to be noticed of a customer: archived, or not as the registry has it. */
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
      {(status === "MISMATCH" || status === "NOT_FOUND") && (
        <Badge kind="warning">{t.verifications[status]}</Badge>
      )}
    </>
  );
}
