import { useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/Button";
import { ChoiceField } from "@/components/ChoiceField";
import { FailureNotice } from "@/components/FailureNotice";
import { Notice } from "@/components/states";
import { Table } from "@/components/Table";
import type { CustomerColumn, ErrorPolicy, OnDuplicate } from "@/graphql";
import { useMessages } from "@/i18n";
import { imports } from "@/i18n/imports";
import { randomKey } from "@/randomKey";
import { IMPORT_CUSTOMERS } from "./documents";
import type { Import } from "./ImportPage";

/** What each column is, and how the rows are to be stored. */
export function ImportForm({ row }: { row: Import }) {
  const t = useMessages(imports);
  const [targets, setTargets] = useState(() => row.columns.map(({ target }) => target));
  const [errorPolicy, setErrorPolicy] = useState<ErrorPolicy>("KEEP_GOOD");
  const [onDuplicate, setOnDuplicate] = useState<OnDuplicate>(row.onDuplicate);
  const [{ fetching, error, data }, start] = useMutation(IMPORT_CUSTOMERS);

  const begin = (dryRun: boolean) =>
    start({ id: row.id, columns: targets, errorPolicy, onDuplicate, dryRun, idempotencyKey: randomKey() });

  return (
    <>
      <section className="import-section" aria-labelledby="columns">
        <h2 id="columns">{t.columns}</h2>
        <p className="muted">{t.columnsHint}</p>
        <Columns
          row={row}
          targets={targets}
          onChoose={(index, target) => setTargets(targets.with(index, target))}
        />
      </section>
      <section className="card import-options" aria-label={t.store}>
        <ChoiceField
          label={t.policy}
          value={errorPolicy}
          onChange={setErrorPolicy}
          options={[
            ["KEEP_GOOD", t.policies.KEEP_GOOD],
            ["REJECT_ALL", t.policies.REJECT_ALL],
          ]}
        />
        <ChoiceField
          label={t.duplicates}
          value={onDuplicate}
          onChange={setOnDuplicate}
          options={[
            ["USE_EXISTING", t.duplicatesOf.USE_EXISTING],
            ["UPDATE_EMPTY", t.duplicatesOf.UPDATE_EMPTY],
            ["FAIL", t.duplicatesOf.FAIL],
          ]}
        />
        {data?.importCustomers.userErrors.map(({ message }) => (
          <Notice key={message} kind="danger" role="alert">
            {message}
          </Notice>
        ))}
        <FailureNotice error={error} />
        <div className="actions">
          <Button
            kind={row.status === "UPLOADED" ? "primary" : "secondary"}
            busy={fetching}
            onClick={() => begin(true)}
          >
            {t.check}
          </Button>
          <Button
            kind={row.status === "UPLOADED" ? "secondary" : "primary"}
            busy={fetching}
            onClick={() => begin(false)}
          >
            {t.store}
          </Button>
        </div>
      </section>
    </>
  );
}

function Columns({
  row,
  targets,
  onChoose,
}: {
  row: Import;
  targets: readonly (CustomerColumn | null)[];
  onChoose: (index: number, target: CustomerColumn | null) => void;
}) {
  const t = useMessages(imports);
  const known = Object.keys(t.targets) as CustomerColumn[];
  const rows = row.columns.map((column, index) => ({ ...column, index }));
  return (
    <Table
      caption={t.columns}
      rows={rows}
      keyOf={({ index }) => String(index)}
      columns={[
        {
          key: "column",
          header: t.column,
          cell: ({ header }) => header || <span className="muted">{t.unnamed}</span>,
        },
        {
          key: "samples",
          header: t.samples,
          cell: ({ samples }) => <span className="muted import-samples">{samples.join(" · ")}</span>,
        },
        {
          key: "target",
          header: t.target,
          cell: ({ index, header }) => (
            <select
              className="input"
              aria-label={t.targetOf(header || String(index + 1))}
              value={targets[index] ?? ""}
              onChange={({ target: { value } }) => onChoose(index, (value || null) as CustomerColumn | null)}
            >
              <option value="">{t.none}</option>
              {known.map((name) => (
                <option key={name} value={name}>
                  {t.targets[name]}
                </option>
              ))}
            </select>
          ),
        },
      ]}
    />
  );
}
