import type { CombinedError } from "@urql/core";
import { type ReactNode, useRef } from "react";
import { ErrorState, Loading } from "@/components/states";
import { type Column, type Sort, Table } from "@/components/Table";
import type { Cursor } from "./address";
import { Pagination } from "./Pagination";

/** A page of a list as the API returns it. */
export type Connection<Row> = {
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
  edges: readonly { node: Row }[];
};

/** One page of a list as a table, with buttons for the pages before and after; or why there is no table. */
export function ListTable<Row extends { id: string }>({
  caption,
  columns,
  connection,
  error,
  onRetry,
  onPage,
  empty,
  sort,
  onSort,
  stale = false,
}: {
  caption: string;
  columns: readonly Column<Row>[];
  connection: Connection<Row> | undefined;
  error: CombinedError | undefined;
  onRetry: () => void;
  onPage: (cursor: Cursor) => void;
  /** Shown in place of a table without rows. */
  empty: ReactNode;
  sort?: Sort;
  onSort?: (sort: Sort) => void;
  stale?: boolean;
}) {
  const element = useRef<HTMLDivElement>(null);

  /** Turns to a page, which begins at its head: also the focus, since the button may be off on the last page. */
  function turnTo(cursor: Cursor) {
    onPage(cursor);
    element.current?.focus({ preventScroll: true });
    element.current?.scrollIntoView({ block: "start" });
  }

  if (error) return <ErrorState error={error} onRetry={onRetry} />;
  if (!connection) return <Loading />;
  const { pageInfo, edges } = connection;
  return (
    <div ref={element} tabIndex={-1} className="list">
      {edges.length === 0 ? (
        empty
      ) : (
        <Table
          caption={caption}
          columns={columns}
          rows={edges.map(({ node }) => node)}
          keyOf={({ id }) => id}
          sort={sort}
          onSort={onSort}
          stale={stale}
        />
      )}
      <Pagination
        hasPrevious={pageInfo.hasPreviousPage}
        hasNext={pageInfo.hasNextPage}
        onPrevious={() => turnTo({ before: pageInfo.startCursor ?? "" })}
        onNext={() => turnTo({ after: pageInfo.endCursor ?? "" })}
      />
    </div>
  );
}
