import { Badge } from "@/components/states";
import type { InvoiceStatus } from "@/graphql";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";

const KINDS = { DRAFT: "neutral", ISSUED: "success", VOID: "danger" } as const;

/** What became of an invoice, the same everywhere. */
export function StatusBadge({ status, overdue }: { status: InvoiceStatus; overdue: boolean }) {
  const t = useMessages(invoices);
  if (overdue) return <Badge kind="warning">{t.overdue}</Badge>;
  return <Badge kind={KINDS[status]}>{t.statuses[status]}</Badge>;
}
