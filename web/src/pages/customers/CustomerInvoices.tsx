import { useState } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { type Cursor, toPageVariables } from "@/components/list/address";
import { ListTable } from "@/components/list/ListTable";
import type { Column } from "@/components/Table";
import type { CustomerInvoicesQuery } from "@/graphql";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { useFormats } from "@/i18n/format";
import { StatusBadge } from "@/pages/invoices/StatusBadge";
import { CUSTOMER_INVOICES, type Customer } from "./documents";

type Row = NonNullable<CustomerInvoicesQuery["customer"]>["invoices"]["edges"][number]["node"];

const PAGE_SIZE = 10;

/** The customer's invoices, the newest first, and the sum of those issued. */
export function CustomerInvoices({ customer }: { customer: Customer }) {
  const t = useMessages(customers);
  const formats = useFormats();
  const [cursor, setCursor] = useState<Cursor>(null);
  const [{ data, error, stale }, reload] = useQuery({
    query: CUSTOMER_INVOICES,
    variables: { id: customer.id, ...toPageVariables(cursor, PAGE_SIZE) },
  });
  const columns: Column<Row>[] = [
    {
      key: "number",
      header: t.number,
      cell: (row) => (
        <Link href={`/facturas/${row.id}`} className="row-link numeric">
          {row.number ? `${row.billingPoint}-${row.number}` : t.withoutNumber}
        </Link>
      ),
    },
    { key: "date", header: t.date, cell: (row) => row.issueDate && formats.date(row.issueDate) },
    { key: "dueDate", header: t.dueDate, cell: (row) => row.dueDate && formats.date(row.dueDate) },
    {
      key: "status",
      header: t.status,
      cell: (row) => <StatusBadge status={row.status} overdue={row.overdue} />,
    },
    { key: "total", header: t.total, numeric: true, cell: (row) => formats.money(row.total, row.currency) },
  ];
  return (
    <section className="page" aria-labelledby="invoices">
      <div className="page-header">
        <h2 id="invoices">{t.invoices}</h2>
        <p className="numeric">{t.issuedSum(customer.invoiceCount, formats.money(customer.invoicedTotal))}</p>
      </div>
      <ListTable
        caption={t.invoices}
        columns={columns}
        connection={data?.customer?.invoices}
        error={error}
        onRetry={reload}
        onPage={setCursor}
        stale={stale}
        empty={<p className="muted">{t.noInvoices}</p>}
      />
    </section>
  );
}
