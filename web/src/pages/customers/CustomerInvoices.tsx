import { useState } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { Pagination } from "@/components/Pagination";
import { Badge, ErrorState, Loading } from "@/components/states";
import { type Column, Table } from "@/components/Table";
import type { CustomerInvoicesQuery, CustomerInvoicesQueryVariables } from "@/graphql";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { useFormats } from "@/i18n/format";
import type { ShownCustomer } from "./CustomerPage";
import { CUSTOMER_INVOICES } from "./documents";

type Row = NonNullable<CustomerInvoicesQuery["customer"]>["invoices"]["edges"][number]["node"];
type Place = Omit<CustomerInvoicesQueryVariables, "id">;

const FIRST: Place = { first: 10 };

/** The customer's invoices, the newest first, with what they come to. */
export function CustomerInvoices({ customer }: { customer: ShownCustomer }) {
  const t = useMessages(customers);
  const formats = useFormats();
  const [place, setPlace] = useState<Place>(FIRST);
  const [{ data, error, stale }, reload] = useQuery({
    query: CUSTOMER_INVOICES,
    variables: { id: customer.id, ...place },
  });
  const invoices = data?.customer?.invoices;
  const columns: Column<Row>[] = [
    {
      key: "number",
      header: t.number,
      cell: (row) => (
        <Link href={`/facturas/${row.id}`} className="row-link numeric">
          {row.number ? `${row.billingPoint}-${row.number}` : t.draft}
        </Link>
      ),
    },
    { key: "date", header: t.date, cell: (row) => formats.date(row.issueDate) },
    {
      key: "status",
      header: t.status,
      cell: (row) => (
        <>
          <Badge kind={row.status === "ISSUED" ? "success" : "neutral"}>
            {t.invoiceStatuses[row.status]}
          </Badge>{" "}
          {row.overdue && <Badge kind="warning">{t.overdue}</Badge>}
        </>
      ),
    },
    { key: "total", header: t.total, numeric: true, cell: (row) => formats.money(row.total, row.currency) },
  ];
  return (
    <section className="page" aria-labelledby="invoices">
      <div className="page-header">
        <h2 id="invoices">{t.invoices}</h2>
        <p className="numeric">{t.issuedSum(customer.invoiceCount, formats.money(customer.invoicedTotal))}</p>
      </div>
      {error && <ErrorState error={error} onRetry={reload} />}
      {!invoices && !error && <Loading />}
      {invoices && invoices.edges.length === 0 && <p className="muted">{t.noInvoices}</p>}
      {invoices && invoices.edges.length > 0 && (
        <>
          <Table
            caption={t.invoices}
            columns={columns}
            rows={invoices.edges.map(({ node }) => node)}
            keyOf={(row) => row.id}
            stale={stale}
          />
          <Pagination
            hasPrevious={invoices.pageInfo.hasPreviousPage}
            hasNext={invoices.pageInfo.hasNextPage}
            onPrevious={() => setPlace({ last: 10, before: invoices.pageInfo.startCursor })}
            onNext={() => setPlace({ first: 10, after: invoices.pageInfo.endCursor })}
          />
        </>
      )}
    </section>
  );
}
