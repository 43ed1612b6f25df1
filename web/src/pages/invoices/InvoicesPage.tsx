import "./invoices.css";
import { Link } from "wouter";
import { ListPage } from "@/components/list/ListPage";
import type { Column } from "@/components/Table";
import type { InvoicesQuery } from "@/graphql";
import { useMessages } from "@/i18n";
import { fiscal as fiscalWords } from "@/i18n/fiscal";
import { useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";
import { useViewer } from "@/layout/viewer";
import { DocumentTabs } from "./DocumentTabs";
import { INVOICE_CHANGED } from "./documents";
import { INVOICES } from "./listDocuments";
import { FiscalBadge } from "./FiscalBadge";
import { InvoiceFilters } from "./InvoiceFilters";
import { StatusBadge } from "./StatusBadge";
import { FILTER_NAMES, ORDERS, toInvoiceFilter } from "./search";

type Row = InvoicesQuery["invoices"]["edges"][number]["node"];

export function InvoicesPage() {
  const t = useMessages(invoices);
  const formats = useFormats();
  const fiscal = useMessages(fiscalWords);
  const { electronicInvoicing } = useViewer().account;
  const columns: Column<Row>[] = [
    {
      key: "NUMBER",
      header: t.number,
      sortable: true,
      cell: (row) => (
        <span className="number-cell">
          <Link href={`/facturas/${row.id}`} className="row-link numeric unbroken">
            {row.number ? `${row.billingPoint}-${row.number}` : t.withoutNumber}
          </Link>{" "}
          <StatusBadge status={row.status} overdue={row.overdue} />
        </span>
      ),
    },
    ...(electronicInvoicing
      ? [{ key: "fiscal", header: fiscal.column, cell: (row: Row) => <FiscalBadge fiscal={row.fiscal} /> }]
      : []),
    {
      key: "customer",
      header: t.customer,
      cell: (row) => {
        const { name, identification } = row.receiver ?? row.customer;
        return (
          <span>
            {name} <span className="muted small numeric unbroken">{identification}</span>
          </span>
        );
      },
    },
    {
      key: "ISSUE_DATE",
      header: t.date,
      sortable: true,
      cell: (row) => row.issueDate && formats.date(row.issueDate),
    },
    { key: "dueDate", header: t.dueDate, cell: (row) => row.dueDate && formats.date(row.dueDate) },
    {
      key: "TOTAL",
      header: t.total,
      numeric: true,
      sortable: true,
      cell: (row) => (
        <span className={row.status === "VOID" ? "void-total" : undefined}>
          {formats.money(row.total, row.currency)}
        </span>
      ),
    },
  ];
  return (
    <ListPage
      words={t.list}
      query={INVOICES}
      connectionOf={(data) => data.invoices}
      typename="Invoice"
      changes={INVOICE_CHANGED}
      columns={columns}
      orders={ORDERS}
      filterNames={FILTER_NAMES}
      readFilter={toInvoiceFilter}
      Filters={InvoiceFilters}
      exportAs="invoices"
      createHref="/facturas/nueva"
      tabs={<DocumentTabs />}
      summaryOf={({ invoices: { totals } }) =>
        totals
          .map(({ status, total, currency }) => t.sums(t.sumStatuses[status], formats.money(total, currency)))
          .join(" · ")
      }
    />
  );
}
