import { useState } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { type Cursor, toPageVariables } from "@/components/list/address";
import { ListTable } from "@/components/list/ListTable";
import type { Column } from "@/components/Table";
import type { CustomerDocumentsQuery } from "@/graphql";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";
import { numberOf } from "@/pages/invoices/form";
import { StatusBadge } from "@/pages/invoices/StatusBadge";
import { CUSTOMER_DOCUMENTS, type Customer } from "./documents";

type Row = CustomerDocumentsQuery["documents"]["edges"][number]["node"];

const PAGE_SIZE = 10;

/** The customer's invoices and notes, the newest first, and the sum of the invoices issued. */
export function CustomerDocuments({ customer }: { customer: Customer }) {
  const t = useMessages(customers);
  const { documentNames } = useMessages(invoices);
  const formats = useFormats();
  const [cursor, setCursor] = useState<Cursor>(null);
  const [{ data, error, stale }, reload] = useQuery({
    query: CUSTOMER_DOCUMENTS,
    variables: { id: customer.id, ...toPageVariables(cursor, PAGE_SIZE) },
  });
  const columns: Column<Row>[] = [
    {
      key: "number",
      header: t.document,
      cell: (row) => (
        <Link href={`/facturas/${row.id}`} className="row-link numeric">
          {documentNames[row.documentType]} {numberOf(row) || t.withoutNumber}
        </Link>
      ),
    },
    { key: "date", header: t.date, cell: (row) => row.issueDate && formats.date(row.issueDate) },
    {
      key: "dueDate",
      header: t.dueDate,
      cell: (row) => "dueDate" in row && row.dueDate && formats.date(row.dueDate),
    },
    {
      key: "status",
      header: t.status,
      cell: (row) => <StatusBadge status={row.status} overdue={"overdue" in row && row.overdue} />,
    },
    { key: "total", header: t.total, numeric: true, cell: (row) => formats.money(row.total, row.currency) },
  ];
  return (
    <section className="page" aria-labelledby="documents">
      <div className="page-header">
        <h2 id="documents">{t.documents}</h2>
        <p className="numeric">{t.issuedSum(customer.invoiceCount, formats.money(customer.invoicedTotal))}</p>
      </div>
      <ListTable
        caption={t.documents}
        columns={columns}
        connection={data?.documents}
        error={error}
        onRetry={reload}
        onPage={setCursor}
        stale={stale}
        empty={<p className="muted">{t.noInvoices}</p>}
      />
    </section>
  );
}
