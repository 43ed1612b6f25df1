import "./table.css";
import type { MouseEvent, ReactNode } from "react";

export type Column<Row> = {
  key: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** Numbers are aligned to the right. */
  numeric?: boolean;
  /** Whether the table can be ordered by this column. */
  sortable?: boolean;
};

export type Sort = { key: string; direction: "ASC" | "DESC" };

/**
 * A table; on a phone, each row is a card. A link with the class `row-link` takes clicks anywhere in its row, whose
 * texts can be selected all the same. While `stale`, newer rows are on their way.
 */
export function Table<Row>({
  caption,
  columns,
  rows,
  keyOf,
  sort,
  onSort,
  stale = false,
}: {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  sort?: Sort;
  onSort?: (sort: Sort) => void;
  stale?: boolean;
}) {
  return (
    <table className={stale ? "table stale" : "table"} aria-busy={stale}>
      <caption className="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => {
            const sorted = sort?.key === column.key ? sort.direction : undefined;
            return (
              <th
                key={column.key}
                scope="col"
                className={column.numeric ? "end" : undefined}
                aria-sort={sorted && (sorted === "ASC" ? "ascending" : "descending")}
              >
                {column.sortable && onSort ? (
                  <button
                    type="button"
                    className="sort"
                    onClick={() => onSort({ key: column.key, direction: sorted === "ASC" ? "DESC" : "ASC" })}
                  >
                    {column.header}
                    <span aria-hidden="true">{sorted === "ASC" ? "↑" : sorted === "DESC" ? "↓" : ""}</span>
                  </button>
                ) : (
                  column.header
                )}
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          // The link in the row is what keys and screen readers use.
          <tr key={keyOf(row)} onClick={followRow}>
            {columns.map((column) => (
              <td
                key={column.key}
                data-label={column.header}
                className={column.numeric ? "end numeric" : undefined}
              >
                <div>{column.cell(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function followRow(event: MouseEvent<HTMLTableRowElement>): void {
  if ((event.target as Element).closest("a, button, input") || window.getSelection()?.toString()) return;
  const link = event.currentTarget.querySelector<HTMLAnchorElement>(".row-link");
  if (!link) return;
  if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
  else link.click();
}
