import "./customers.css";
import { Link, useSearchParams } from "wouter";
import { ButtonLink } from "@/components/Button";
import { ListPage } from "@/components/list/ListPage";
import { TagList } from "@/components/references";
import type { Column } from "@/components/Table";
import type { CustomersQuery } from "@/graphql";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { formatPhone } from "@/i18n/format";
import { imports } from "@/i18n/imports";
import { useMay } from "@/layout/viewer";
import { CustomerFilters } from "./CustomerFilters";
import { CustomerTabs } from "./CustomerTabs";
import { CUSTOMER_CHANGED, CUSTOMERS } from "./documents";
import { StatusBadges } from "./StatusBadges";
import { useLackingFields } from "./lacking";
import { FILTER_NAMES, ORDERS, readFilters, toCustomerFilter } from "./search";

type Row = CustomersQuery["customers"]["edges"][number]["node"];

export function CustomersPage() {
  const t = useMessages(customers);
  const [parameters] = useSearchParams();
  const importing = useMessages(imports);
  const mayWrite = useMay("WRITE");
  const lacking = useLackingFields();
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
          {row.tags.length > 0 && <TagList tags={row.tags} />}
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
      header: t.fields.phone,
      sortable: true,
      cell: (row) => {
        const number = row.phone ?? row.mobile;
        return number ? formatPhone(number) : <Nothing />;
      },
    },
    {
      key: "location",
      header: t.fields.locationCode,
      cell: (row) =>
        row.location ? (
          <>
            {row.location.corregimiento} <span className="muted small">{row.location.district}</span>
          </>
        ) : (
          <Nothing />
        ),
    },
    readFilters(parameters).incomplete
      ? { key: "lacking", header: t.lackingHeader, cell: (row) => lacking(row).join(", ") || <Nothing /> }
      : { key: "type", header: t.type, cell: (row) => t.receiverTypes[row.receiverType] },
  ];
  return (
    <ListPage
      words={t.list}
      query={CUSTOMERS}
      connectionOf={(data) => data.customers}
      typename="Customer"
      changes={CUSTOMER_CHANGED}
      columns={columns}
      orders={ORDERS}
      filterNames={FILTER_NAMES}
      readFilter={toCustomerFilter}
      Filters={CustomerFilters}
      exportAs="customers"
      createHref="/clientes/nuevo"
      actions={mayWrite && <ButtonLink href="/clientes/importar">{importing.link}</ButtonLink>}
      tabs={<CustomerTabs />}
    />
  );
}

function Nothing() {
  return (
    <span className="muted" aria-hidden="true">
      —
    </span>
  );
}
