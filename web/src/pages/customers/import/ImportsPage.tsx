import "./import.css";
import { type ChangeEvent, useRef, useState } from "react";
import { useQuery } from "urql";
import { Link, useLocation } from "wouter";
import { Button } from "@/components/Button";
import { BackLink } from "@/components/list/BackLink";
import { ErrorState, Loading, Notice } from "@/components/states";
import { Table } from "@/components/Table";
import { useTitle } from "@/components/useTitle";
import { useLanguage, useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { useFormats } from "@/i18n/format";
import { imports } from "@/i18n/imports";
import { fetchInOrder } from "@/position";
import { IMPORTS } from "./documents";

/** Where a file is chosen; its import has a page of its own. */
export function ImportsPage() {
  const t = useMessages(imports);
  const list = useMessages(customers);
  useTitle(t.title);
  return (
    <div className="page">
      <BackLink path="/clientes" title={list.list.title} />
      <h1>{t.title}</h1>
      <section className="card import-upload" aria-label={t.title}>
        <p>{t.hint}</p>
        <p>
          <a href="/imports/template.xlsx" download>
            {t.template}
          </a>
        </p>
        <Upload />
      </section>
      <Earlier />
    </div>
  );
}

function Upload() {
  const t = useMessages(imports);
  const [language] = useLanguage();
  const [, navigate] = useLocation();
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  async function send(file: File) {
    setBusy(true);
    setProblem(undefined);
    try {
      const response = await fetchInOrder(`/imports?name=${encodeURIComponent(file.name)}`, {
        method: "POST",
        body: file,
      });
      const answer = (await response.json()) as { id: string; errors?: { message: string }[] };
      if (response.ok) return navigate(`/clientes/importar/${answer.id}`);
      // The service says it in Spanish and in English.
      const [spanish, english] = answer.errors?.[0]?.message.split(" / ") ?? [];
      setProblem((language === "es" ? spanish : (english ?? spanish)) ?? t.failed);
    } catch {
      setProblem(t.failed);
    } finally {
      setBusy(false);
    }
  }

  function choose(event: ChangeEvent<HTMLInputElement>) {
    const file = event.target.files?.[0];
    event.target.value = ""; // so that the same file can be chosen again
    if (file) void send(file);
  }

  return (
    <>
      <div role="status">{busy && <p className="muted">{t.reading}</p>}</div>
      {problem && (
        <Notice kind="danger" role="alert">
          {problem}
        </Notice>
      )}
      <input
        ref={input}
        type="file"
        hidden
        aria-label={t.choose}
        accept=".csv,.txt,.tsv,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        onChange={choose}
      />
      <div className="actions">
        <Button kind="primary" busy={busy} onClick={() => input.current?.click()}>
          {t.choose}
        </Button>
        <span className="muted small">{t.limits}</span>
      </div>
    </>
  );
}

function Earlier() {
  const t = useMessages(imports);
  const format = useFormats();
  const [{ data, error }, load] = useQuery({ query: IMPORTS, requestPolicy: "cache-and-network" });
  if (error) return <ErrorState error={error} onRetry={() => load({ requestPolicy: "network-only" })} />;
  if (!data) return <Loading />;
  const rows = data.imports.edges.map(({ node }) => node);
  if (rows.length === 0) return null;
  return (
    <section className="import-section" aria-labelledby="earlier">
      <h2 id="earlier">{t.earlier}</h2>
      <Table
        caption={t.earlier}
        rows={rows}
        keyOf={({ id }) => id}
        columns={[
          {
            key: "file",
            header: t.file,
            cell: ({ id, fileName }) => (
              <Link href={`/clientes/importar/${id}`} className="row-link">
                {fileName}
              </Link>
            ),
          },
          { key: "when", header: t.when, cell: ({ createdAt }) => format.moment(createdAt) },
          { key: "state", header: t.state, cell: ({ status }) => t.statuses[status] },
          { key: "rows", header: t.rows, numeric: true, cell: ({ rowCount }) => format.count(rowCount) },
        ]}
      />
    </section>
  );
}
