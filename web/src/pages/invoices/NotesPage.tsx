import "./invoices.css";
import { Link } from "wouter";
import { ListPage } from "@/components/list/ListPage";
import type { Column } from "@/components/Table";
import type { CreditNotesQuery } from "@/graphql";
import { useMessages } from "@/i18n";
import { fiscal as fiscalWords } from "@/i18n/fiscal";
import { useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";
import { notes } from "@/i18n/notes";
import { useViewer } from "@/layout/viewer";
import { DocumentTabs } from "./DocumentTabs";
import { DOCUMENT_CHANGED } from "./documents";
import { CREDIT_NOTES, DEBIT_NOTES } from "./listDocuments";
import { FiscalBadge } from "./FiscalBadge";
import { numberOf } from "./form";
import { NoteFilters } from "./InvoiceFilters";
import type { NoteKind } from "./note";
import { FILTER_NAMES, ORDERS, toNoteFilter } from "./search";
import { StatusBadge } from "./StatusBadge";

type Connection = CreditNotesQuery["creditNotes"];
type Row = Omit<Connection["edges"][number]["node"], "__typename">;

/** The list of all credit notes, or of all debit notes. */
export function NotesPage({ kind }: { kind: NoteKind }) {
  const t = useMessages(notes);
  const words = useMessages(invoices);
  const formats = useFormats();
  const columns = useColumns();
  const list = {
    words: { ...words.list, ...t.lists[kind], emptyHint: t.emptyHint },
    changes: DOCUMENT_CHANGED,
    columns,
    exportAs: `${kind}-notes`,
    orders: ORDERS,
    filterNames: FILTER_NAMES,
    readFilter: toNoteFilter,
    Filters: NoteFilters,
    tabs: <DocumentTabs />,
  };
  const sum = ({ totals }: Pick<Connection, "totals">) =>
    totals
      .map(({ status, total, currency }) =>
        words.sums(words.sumStatuses[status], formats.money(total, currency)),
      )
      .join(" · ");
  return kind === "credit" ? (
    <ListPage
      {...list}
      query={CREDIT_NOTES}
      typename="CreditNote"
      connectionOf={(data) => data.creditNotes}
      summaryOf={(data) => sum(data.creditNotes)}
    />
  ) : (
    <ListPage
      {...list}
      query={DEBIT_NOTES}
      typename="DebitNote"
      connectionOf={(data) => data.debitNotes}
      summaryOf={(data) => sum(data.debitNotes)}
    />
  );
}

function useColumns(): Column<Row>[] {
  const t = useMessages(notes);
  const words = useMessages(invoices);
  const fiscal = useMessages(fiscalWords);
  const formats = useFormats();
  const { electronicInvoicing } = useViewer().account;
  return [
    {
      key: "NUMBER",
      header: words.number,
      sortable: true,
      cell: (row) => (
        <span className="number-cell">
          <Link href={`/facturas/${row.id}`} className="row-link numeric unbroken">
            {numberOf(row)}
          </Link>{" "}
          <StatusBadge status={row.status} overdue={false} />
        </span>
      ),
    },
    ...(electronicInvoicing
      ? [{ key: "fiscal", header: fiscal.column, cell: (row: Row) => <FiscalBadge fiscal={row.fiscal} /> }]
      : []),
    {
      key: "customer",
      header: words.customer,
      cell: (row) => {
        const { name, identification } = row.receiver ?? row.customer;
        return (
          <span>
            {name} <span className="muted small numeric unbroken">{identification}</span>
          </span>
        );
      },
    },
    {
      key: "invoice",
      header: t.ofInvoice,
      cell: ({ invoice }) => (
        <Link href={`/facturas/${invoice.id}`} className="numeric unbroken">
          {numberOf(invoice)}
        </Link>
      ),
    },
    {
      key: "ISSUE_DATE",
      header: words.date,
      sortable: true,
      cell: (row) => row.issueDate && formats.date(row.issueDate),
    },
    {
      key: "TOTAL",
      header: words.total,
      numeric: true,
      sortable: true,
      cell: (row) => (
        <span className={row.status === "VOID" ? "void-total" : undefined}>
          {formats.money(row.total, row.currency)}
        </span>
      ),
    },
  ];
}
