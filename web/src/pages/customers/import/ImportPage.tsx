import "./import.css";
import { useState } from "react";
import { useQuery, useSubscription } from "urql";
import { Link } from "wouter";
import { useKeptFocus } from "@/components/focus";
import { BackLink } from "@/components/list/BackLink";
import { ErrorState, Loading, Notice } from "@/components/states";
import { useTitle } from "@/components/useTitle";
import type { ImportQuery } from "@/graphql";
import { useMessages } from "@/i18n";
import { useFormats } from "@/i18n/format";
import { imports } from "@/i18n/imports";
import { IMPORT, IMPORT_CHANGED } from "./documents";
import { ImportForm } from "./ImportForm";
import { RejectedRows } from "./RejectedRows";
import { UndoImport } from "./UndoImport";

export type Import = NonNullable<ImportQuery["import"]>;

const COUNTS = ["created", "updated", "unchanged", "skipped", "failed"] as const;

/** An uploaded file: what its columns are, how far its import is, and what became of its rows. */
export function ImportPage({ id }: { id: string }) {
  const t = useMessages(imports);
  const [{ data, error }, load] = useQuery({ query: IMPORT, variables: { id } });
  useTitle(t.title);
  const reload = () => load({ requestPolicy: "network-only" });
  if (error) return <ErrorState error={error} onRetry={reload} />;
  if (!data) return <Loading />;
  return (
    <div className="page">
      <BackLink path="/clientes/importar" title={t.back} />
      {data.import ? (
        <Content row={data.import} onEnd={reload} />
      ) : (
        <Notice kind="warning">{t.missing}</Notice>
      )}
    </div>
  );
}

function Content({ row, onEnd }: { row: Import; onEnd: () => void }) {
  const t = useMessages(imports);
  const format = useFormats();
  const isUnderWay = ["CHECKING", "STORING", "UNDOING"].includes(row.status);
  useKeptFocus(isUnderWay);
  const delimiters: Record<string, string> = t.delimiters;
  const how = row.sheet
    ? t.sheet(row.sheet)
    : t.csv(row.encoding ?? "", delimiters[row.delimiter ?? ""] ?? row.delimiter ?? "");
  return (
    <>
      <div>
        <h1 className="import-name">{row.fileName}</h1>
        <p className="muted">{t.understood(format.count(row.rowCount), how)}</p>
      </div>
      {isUnderWay ? <Progress row={row} onEnd={onEnd} /> : <Outcome row={row} />}
      {(row.status === "UPLOADED" || row.status === "CHECKED") && <ImportForm key={row.id} row={row} />}
      {!isUnderWay && row.failed > 0 && <RejectedRows key={`${row.status} ${row.failed}`} row={row} />}
      {row.status === "FINISHED" && row.created > 0 && <UndoImport row={row} />}
    </>
  );
}

function Progress({ row, onEnd }: { row: Import; onEnd: () => void }) {
  const t = useMessages(imports);
  const format = useFormats();
  const [ended, setEnded] = useState(false);
  // Its answers are of the row that is shown, so the cache shows them; what ends is read again as a whole.
  const [{ data }] = useSubscription(
    { query: IMPORT_CHANGED, variables: { id: row.id }, pause: ended },
    (_, change) => {
      const status = change.importChanged.import?.status;
      if (status && !["CHECKING", "STORING", "UNDOING"].includes(status)) {
        setEnded(true);
        onEnd();
      }
      return change;
    },
  );
  const now = data?.importChanged.import ?? row;
  return (
    <section className="card import-progress" aria-label={t.statuses[now.status]}>
      <h2>{t.statuses[now.status]}</h2>
      <progress aria-label={t.statuses[now.status]} value={now.done} max={row.rowCount || 1} />
      <p className="numeric">{t.progress(format.count(now.done), format.count(row.rowCount))}</p>
      <p className="muted small">{t.leave}</p>
    </section>
  );
}

function Outcome({ row }: { row: Import }) {
  const t = useMessages(imports);
  const format = useFormats();
  const isRefused = row.status === "CHECKED" && row.policy === "REJECT_ALL";
  return (
    <div role="status">
      {row.status === "CHECKED" && (
        <Notice kind={isRefused ? "danger" : row.failed ? "warning" : "info"}>
          {isRefused ? t.nothingStored : t.checked}
        </Notice>
      )}
      {row.status === "FINISHED" && (
        <Notice kind={row.failed ? "warning" : "success"}>
          {t.finished} <Link href="/clientes">{t.seeCustomers}</Link>
        </Notice>
      )}
      {row.status === "UNDONE" && (
        <Notice>{t.undone(format.count(row.undone), format.count(row.created - row.undone))}</Notice>
      )}
      {row.status !== "UPLOADED" && (
        <dl className="import-counts">
          {COUNTS.map((name) => (
            <div key={name}>
              <dt className="muted small">{t.counts[name]}</dt>
              <dd className="numeric">{format.count(row[name])}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
