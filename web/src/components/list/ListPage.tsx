import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import { type ComponentType, type ReactNode, useEffect, useMemo, useRef } from "react";
import { useQuery } from "urql";
import { useLocation } from "wouter";
import { Button, ButtonLink } from "@/components/Button";
import { EmptyState } from "@/components/states";
import { useShortcut } from "@/components/shortcuts";
import type { Column } from "@/components/Table";
import { useTitle } from "@/components/useTitle";
import { useLive } from "@/graphql/useLive";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { useFormats } from "@/i18n/format";
import { useMay } from "@/layout/viewer";
import {
  type AddressChange,
  readCursor,
  readOneOf,
  toAddress,
  toPageVariables,
  useListAddress,
} from "./address";
import { ExportMenu } from "./ExportMenu";
import { rememberAddress } from "./lastAddress";
import { ListFilters } from "./ListFilters";
import { type Connection, ListTable } from "./ListTable";

const PAGE_SIZE = 20;

/** The variables that the query of a list takes. */
type ListVariables<Filter, Order> = {
  search?: string | null | undefined;
  filter?: Filter | null | undefined;
  orderBy?: Order | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
};

export type ListWords<OrderName extends string> = {
  title: string;
  /** How many there are, from the number as text and as number. */
  count: (text: string, count: number) => string;
  search: string;
  orders: Record<OrderName, string>;
  /** For a list without any rows, and for filters that match none. */
  empty: string;
  emptyHint: string;
  noMatch: string;
  create: string;
};

export type FilterProps = { parameters: URLSearchParams; onChange: AddressChange };

/**
 * The page of a list: search, filters, order, a table with pages, and a button to create another row. Changes that others
 * make show at once.
 */
export function ListPage<
  Data,
  Row extends { id: string },
  Filter,
  OrderName extends string,
  Order extends { field: string; direction: "ASC" | "DESC" },
>({
  words,
  query,
  connectionOf,
  typename,
  changes,
  columns,
  orders,
  filterNames,
  readFilter,
  Filters,
  createHref,
  actions,
  exportAs,
  tabs,
  summaryOf,
}: {
  words: ListWords<OrderName>;
  query: TypedDocumentNode<Data, ListVariables<Filter, Order>>;
  connectionOf: (data: Data) => Connection<Row> & { totalCount: number };
  /** The GraphQL type of the rows: the list is read again after a mutation of it, even if it had no rows. */
  typename: string;
  /** The subscription that tells of changes. */
  changes: TypedDocumentNode<unknown, { id?: string | null | undefined }>;
  /** A sortable column has the name of an order's field as its key. */
  columns: readonly Column<Row>[];
  /** By their name in the address; the first one is the default. */
  orders: Record<OrderName, Order>;
  /** The parameters of the address that filter. */
  filterNames: readonly string[];
  readFilter: (parameters: URLSearchParams) => Filter;
  Filters: ComponentType<FilterProps>;
  /** Where a row is created; none if rows are created elsewhere. */
  createHref?: string;
  /** What else can be done with the list, beside creating a row. */
  actions?: ReactNode;
  /** The list's name at `/exports/`. */
  exportAs: string;
  /** Links to the lists beside this one. */
  tabs?: ReactNode;
  /** What the list says of all its rows, besides how many they are. */
  summaryOf?: (data: Data) => string;
}) {
  const t = useMessages(common);
  const formats = useFormats();
  const mayWrite = useMay("WRITE");
  const [parameters, change] = useListAddress();
  const [path, navigate] = useLocation();
  const search = useRef<HTMLInputElement>(null);
  const orderNames = Object.keys(orders) as [OrderName, ...OrderName[]];
  const orderName = readOneOf(parameters, "orden", orderNames) ?? orderNames[0];
  const order = orders[orderName];
  const variables: ListVariables<Filter, Order> = {
    search: parameters.get("q"),
    filter: readFilter(parameters),
    orderBy: order,
    ...toPageVariables(readCursor(parameters), PAGE_SIZE),
  };
  const [{ data, error, fetching, stale }, load] = useQuery<Data, AnyVariables>({
    query,
    variables,
    context: useMemo(() => ({ additionalTypenames: [typename] }), [typename]),
  });
  const reload = () => load({ requestPolicy: "network-only" });
  useLive(changes, { id: null }, reload, true);
  useTitle(words.title);
  const address = parameters.toString();
  useEffect(() => rememberAddress(path, address), [path, address]);
  useShortcut("/", () => search.current?.focus());
  useShortcut("n", () => mayWrite && createHref && navigate(createHref));

  const connection = data && connectionOf(data);
  const active = filterNames.filter((name) => parameters.has(name)).length;
  const isNarrowed = active > 0 || parameters.has("q") || Boolean(connection?.totalCount);
  const clear = (names: readonly string[]) => change(Object.fromEntries(names.map((name) => [name, ""])));
  const createLink = mayWrite && createHref && (
    <ButtonLink href={createHref} kind="primary">
      {words.create}
    </ButtonLink>
  );
  return (
    <div className="page">
      <div className="page-header">
        <div>
          <h1>{words.title}</h1>
          <p className="muted" role="status">
            <span>
              {connection
                ? words.count(formats.count(connection.totalCount), connection.totalCount)
                : "\u00a0"}
            </span>
            {data && summaryOf?.(data) && <span className="numeric"> · {summaryOf(data)}</span>}
          </p>
        </div>
        <div className="actions">
          <ExportMenu of={exportAs} search={parameters.get("q")} filter={variables.filter} orderBy={order} />
          {actions}
          {createLink}
        </div>
      </div>
      {tabs}
      <ListFilters
        searchLabel={words.search}
        searchRef={search}
        search={parameters.get("q") ?? ""}
        onSearch={(q) => change({ q }, { replace: true })}
        active={active}
        onClear={() => clear(filterNames)}
        order={orderName}
        orders={words.orders}
        onOrder={(orden) => change({ orden })}
        isOrderInHeaders={orderNames.every((name) =>
          columns.some(({ key, sortable }) => sortable && key === orders[name].field),
        )}
      >
        <Filters parameters={parameters} onChange={change} />
      </ListFilters>
      <ListTable
        caption={words.title}
        columns={columns}
        connection={connection}
        error={error}
        onRetry={reload}
        onPage={(cursor) => change(toAddress(cursor))}
        sort={{ key: order.field, direction: order.direction }}
        onSort={({ key, direction }) =>
          change({
            orden:
              orderNames.find((name) => orders[name].field === key && orders[name].direction === direction) ??
              "",
          })
        }
        stale={fetching || stale}
        empty={
          <EmptyState title={isNarrowed ? words.noMatch : words.empty}>
            <p>{isNarrowed ? t.noMatchHint : words.emptyHint}</p>
            {isNarrowed ? (
              <Button onClick={() => clear(["q", ...filterNames])}>{t.clearFilters}</Button>
            ) : (
              createLink
            )}
          </EmptyState>
        }
      />
    </div>
  );
}
