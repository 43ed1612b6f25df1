import "./table.css";
import type { ReactNode } from "react";

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
 * A table; on a phone, each row is a card. A link with the class `row-link` takes clicks anywhere in its row. While
 * `stale`, newer rows are on their way.
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
          <tr key={keyOf(row)}>
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
