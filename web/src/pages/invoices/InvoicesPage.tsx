import "./invoices.css";
import { useMemo } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { Button, ButtonLink } from "@/components/Button";
import { Pagination } from "@/components/Pagination";
import { EmptyState, ErrorState, Loading } from "@/components/states";
import { type Column, Table } from "@/components/Table";
import { useListAddress } from "@/components/useListAddress";
import { useTitle } from "@/components/useTitle";
import type { InvoiceOrderField, InvoicesQuery } from "@/graphql";
import { useLive } from "@/graphql/useLive";
import { useMessages } from "@/i18n";
import { useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";
import { useMay } from "@/layout/viewer";
import { INVOICE_CHANGED, INVOICES } from "./documents";
import { Filters } from "./Filters";
import { StatusBadge } from "./StatusBadge";
import { FILTERS, ORDERS, orderOf, readSearch } from "./search";

type Row = InvoicesQuery["invoices"]["edges"][number]["node"];

export function InvoicesPage() {
  const t = useMessages(invoices);
  const formats = useFormats();
  const mayWrite = useMay("WRITE");
  const [parameters, change] = useListAddress();
  const search = readSearch(parameters);
  const [{ data, error, fetching, stale }, load] = useQuery({
    query: INVOICES,
    variables: search.variables,
    context: useMemo(() => ({ additionalTypenames: ["Invoice"] }), []),
  });
  const reload = () => load({ requestPolicy: "network-only" });
  useLive(INVOICE_CHANGED, { id: null }, reload);
  useTitle(t.title);

  const columns: Column<Row>[] = [
    {
      key: "NUMBER",
      header: t.number,
      sortable: true,
      cell: (row) => (
        <span className="number-cell">
          <Link href={`/facturas/${row.id}`} className="row-link numeric">
            {row.number ? `${row.billingPoint}-${row.number}` : t.draft}
          </Link>{" "}
          {row.status !== "DRAFT" && <StatusBadge status={row.status} overdue={row.overdue} />}
        </span>
      ),
    },
    {
      key: "customer",
      header: t.customer,
      cell: (row) => {
        const { name, identification } = row.receiver ?? row.customer;
        return (
          <span>
            {name}
            <span className="muted small numeric customer-identification">{identification}</span>
          </span>
        );
      },
    },
    { key: "ISSUE_DATE", header: t.date, sortable: true, cell: (row) => formats.date(row.issueDate) },
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

  const connection = data?.invoices;
  const order = ORDERS[search.order];
  const filtered = search.filters > 0 || parameters.has("q");
  return (
    <div className="page">
      <div className="page-header">
        <div>
          <h1>{t.title}</h1>
          <p className="muted" role="status">
            {connection ? t.count(formats.count(connection.totalCount), connection.totalCount) : "\u00a0"}
          </p>
        </div>
        {mayWrite && (
          <ButtonLink href="/facturas/nueva" kind="primary">
            {t.newInvoice}
          </ButtonLink>
        )}
      </div>
      <Filters parameters={parameters} search={search} onChange={change} />
      {error && <ErrorState error={error} onRetry={reload} />}
      {!connection && !error && <Loading />}
      {connection && !error && connection.edges.length > 0 && (
        <Table
          caption={t.title}
          columns={columns}
          rows={connection.edges.map(({ node }) => node)}
          keyOf={(row) => row.id}
          sort={{ key: order.field, direction: order.direction }}
          onSort={({ key, direction }) => change({ orden: orderOf(key as InvoiceOrderField, direction) })}
          stale={fetching || stale}
        />
      )}
      {connection && !error && connection.edges.length === 0 && (
        <EmptyState title={filtered || connection.totalCount > 0 ? t.noMatch : t.none}>
          <p>{filtered || connection.totalCount > 0 ? t.noMatchHint : t.noneHint}</p>
          {filtered || connection.totalCount > 0 ? (
            <Button onClick={() => change(Object.fromEntries(["q", ...FILTERS].map((name) => [name, ""])))}>
              {t.clearFilters}
            </Button>
          ) : (
            mayWrite && (
              <ButtonLink href="/facturas/nueva" kind="primary">
                {t.newInvoice}
              </ButtonLink>
            )
          )}
        </EmptyState>
      )}
      {connection && !error && (
        <Pagination
          hasPrevious={connection.pageInfo.hasPreviousPage}
          hasNext={connection.pageInfo.hasNextPage}
          onPrevious={() => change({ antes: connection.pageInfo.startCursor ?? "" })}
          onNext={() => change({ tras: connection.pageInfo.endCursor ?? "" })}
        />
      )}
    </div>
  );
}
