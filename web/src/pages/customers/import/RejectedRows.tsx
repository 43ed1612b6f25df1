import { useState } from "react";
import { useClient, useQuery } from "urql";
import { Button } from "@/components/Button";
import { ErrorState, Loading } from "@/components/states";
import { Table } from "@/components/Table";
import type { ImportRowsQuery } from "@/graphql";
import { useLanguage, useMessages } from "@/i18n";
import { useFormats } from "@/i18n/format";
import { imports } from "@/i18n/imports";
import { IMPORT_ROWS } from "./documents";
import type { Import } from "./ImportPage";

type Row = ImportRowsQuery["importRows"]["edges"][number]["node"];

/** The rows with faults and why, some at a time; all of them are in a file. */
export function RejectedRows({ row: { id } }: { row: Import }) {
  const t = useMessages(imports);
  const format = useFormats();
  const client = useClient();
  const [language] = useLanguage();
  const variables = { id, outcomes: ["FAILED" as const], after: null };
  const [{ data, error }, load] = useQuery({ query: IMPORT_ROWS, variables, requestPolicy: "network-only" });
  const [more, setMore] = useState<ImportRowsQuery["importRows"][]>([]);
  if (error) return <ErrorState error={error} onRetry={() => load({ requestPolicy: "network-only" })} />;
  if (!data) return <Loading />;
  const pages = [data.importRows, ...more];
  const rows = pages.flatMap(({ edges }) => edges.map(({ node }) => node));
  const last = pages.at(-1)?.pageInfo;

  async function loadMore() {
    const next = await client
      .query(IMPORT_ROWS, { ...variables, after: last?.endCursor ?? null })
      .toPromise();
    if (next.data) setMore([...more, next.data.importRows]);
  }

  return (
    <section className="import-section" aria-labelledby="rejected">
      <h2 id="rejected">{t.bad}</h2>
      <p>
        <a href={`/imports/${id}/rejected.csv?language=${language.toUpperCase()}`} download>
          {t.rejected}
        </a>{" "}
        <span className="muted small">{t.rejectedHint}</span>
      </p>
      <Table<Row>
        caption={t.bad}
        rows={rows}
        keyOf={({ number }) => String(number)}
        columns={[
          { key: "row", header: t.row, numeric: true, cell: ({ number }) => number },
          {
            key: "content",
            header: t.content,
            cell: ({ cells }) => <span className="import-samples">{cells.filter(Boolean).join(" · ")}</span>,
          },
          {
            key: "reason",
            header: t.reason,
            cell: ({ result }) => (
              <ul>
                {[...new Set(result?.userErrors.map(({ message }) => message))].map((message) => (
                  <li key={message}>{message}</li>
                ))}
              </ul>
            ),
          },
        ]}
      />
      <p className="muted small" role="status">
        {data.importRows.pageInfo.hasNextPage &&
          t.shown(format.count(rows.length), format.count(data.importRows.totalCount))}
      </p>
      {last?.hasNextPage && <Button onClick={loadMore}>{t.more}</Button>}
    </section>
  );
}
