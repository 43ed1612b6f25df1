import { useMemo } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { Button, ButtonLink } from "@/components/Button";
import { Pagination } from "@/components/Pagination";
import { EmptyState, ErrorState, Loading } from "@/components/states";
import { type Column, Table } from "@/components/Table";
import { useListAddress } from "@/components/useListAddress";
import { useTitle } from "@/components/useTitle";
import type { CustomerOrderField, CustomersQuery } from "@/graphql";
import { useLive } from "@/graphql/useLive";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { phone, useFormats } from "@/i18n/format";
import { useMay } from "@/layout/viewer";
import { CUSTOMER_CHANGED, CUSTOMERS } from "./documents";
import { Filters } from "./Filters";
import { StatusBadges } from "./StatusBadges";
import { FILTERS, ORDERS, orderOf, readSearch } from "./search";
import "./customers.css";

type Row = CustomersQuery["customers"]["edges"][number]["node"];

export function CustomersPage() {
  const t = useMessages(customers);
  const formats = useFormats();
  const mayWrite = useMay("WRITE");
  const [parameters, change] = useListAddress();
  const search = readSearch(parameters);
  const [{ data, error, fetching, stale }, load] = useQuery({
    query: CUSTOMERS,
    variables: search.variables,
    context: useMemo(() => ({ additionalTypenames: ["Customer"] }), []), // an empty list has none to go by
  });
  const reload = () => load({ requestPolicy: "network-only" });
  useLive(CUSTOMER_CHANGED, { id: null }, reload);
  useTitle(t.title);

  const columns: Column<Row>[] = [
    {
      key: "NAME",
      header: t.name,
      sortable: true,
      cell: (row) => (
        <span className="name-cell">
          <Link href={`/clientes/${row.id}`} className="row-link">
            {row.name}
          </Link>{" "}
          <StatusBadges customer={row} />
        </span>
      ),
    },
    {
      key: "IDENTIFICATION",
      header: t.identification,
      sortable: true,
      cell: (row) => row.identification || <Nothing />,
    },
    {
      key: "PHONE",
      header: t.phone,
      sortable: true,
      cell: (row) => {
        const number = row.phone ?? row.mobile;
        return number ? phone(number) : <Nothing />;
      },
    },
    {
      key: "location",
      header: t.location,
      cell: (row) =>
        row.location ? (
          <>
            {row.location.corregimiento}
            <span className="muted small block">{`${row.location.district}, ${row.location.province}`}</span>
          </>
        ) : (
          <Nothing />
        ),
    },
    { key: "type", header: t.type, cell: (row) => t.receiverTypes[row.receiverType] },
  ];

  const connection = data?.customers;
  const order = ORDERS[search.order];
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
          <ButtonLink href="/clientes/nuevo" kind="primary">
            {t.newCustomer}
          </ButtonLink>
        )}
      </div>
      <Filters search={search} text={parameters.get("q") ?? ""} onChange={change} />
      {error && <ErrorState error={error} onRetry={reload} />}
      {!connection && !error && <Loading />}
      {connection && !error && connection.edges.length > 0 && (
        <Table
          caption={t.title}
          columns={columns}
          rows={connection.edges.map(({ node }) => node)}
          keyOf={(row) => row.id}
          sort={{ key: order.field, direction: order.direction }}
          onSort={({ key, direction }) => change({ orden: orderOf(key as CustomerOrderField, direction) })}
          stale={fetching || stale}
        />
      )}
      {connection && !error && connection.edges.length === 0 && (
        <Empty
          filtered={Boolean(search.filters || parameters.get("q"))}
          beyond={connection.totalCount > 0}
          onClear={() => change(Object.fromEntries(["q", ...FILTERS].map((name) => [name, ""])))}
        />
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

function Nothing() {
  return (
    <span className="muted" aria-hidden="true">
      —
    </span>
  );
}

/** There are no customers, or none that match, or none left on this page. */
function Empty({ filtered, beyond, onClear }: { filtered: boolean; beyond: boolean; onClear: () => void }) {
  const t = useMessages(customers);
  const mayWrite = useMay("WRITE");
  if (filtered || beyond) {
    return (
      <EmptyState title={t.noMatch}>
        <p>{t.noMatchHint}</p>
        <Button onClick={onClear}>{t.clearFilters}</Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState title={t.empty}>
      <p>{t.emptyHint}</p>
      {mayWrite && (
        <ButtonLink href="/clientes/nuevo" kind="primary">
          {t.newCustomer}
        </ButtonLink>
      )}
    </EmptyState>
  );
}
