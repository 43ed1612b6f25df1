import { useEffect, useRef, useState } from "react";
import { type Client, useClient } from "urql";
import { Link } from "wouter";
import { Button } from "@/components/Button";
import { useKeptFocus } from "@/components/focus";
import { Notice } from "@/components/states";
import { Table } from "@/components/Table";
import type { BlockedInvoicesQuery, BlockedReason } from "@/graphql";
import { useErrorText } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { emission } from "@/i18n/emission";
import { useFormats } from "@/i18n/format";
import { RETRY_EMISSION } from "@/pages/invoices/fiscalDocuments";
import { BLOCKED_INVOICES } from "./documents";

const AT_ONCE = 4;
const MOST = 1000; // at a time

type Invoice = BlockedInvoicesQuery["invoices"]["edges"][number]["node"];
type Outcome = { invoice: Invoice; problem: string | undefined };
type Progress = { total: number; outcomes: readonly Outcome[]; isRunning: boolean; isStopped: boolean };

/** Tries all invoices again that are blocked for a reason, a few at once, and says what became of each. */
export function BulkRetry({
  reason,
  count,
  onRetry,
  onEnd,
}: {
  reason: BlockedReason;
  count: number;
  onRetry: () => void;
  onEnd: () => void;
}) {
  const t = useMessages(emission);
  const format = useFormats();
  const client = useClient();
  const errorText = useErrorText();
  const [progress, setProgress] = useState<Progress>();
  const [problem, setProblem] = useState<string>();
  const mayGoOn = useRef(true);
  useKeptFocus(progress?.isRunning);
  useEffect(
    () => () => {
      mayGoOn.current = false;
    },
    [],
  );

  async function retryOne(invoice: Invoice): Promise<void> {
    const { data, error } = await client.mutation(RETRY_EMISSION, { id: invoice.id }).toPromise();
    const refused = error ? errorText(error) : data?.retryEmission.userErrors[0]?.message;
    if (error) mayGoOn.current = false; // the service can't be reached, or refuses all
    const outcome = { invoice, problem: refused };
    setProgress((before) => before && { ...before, outcomes: [...before.outcomes, outcome] });
  }

  async function run() {
    mayGoOn.current = true;
    setProblem(undefined);
    setProgress({ total: count, outcomes: [], isRunning: true, isStopped: false });
    onRetry();
    const { invoices, error } = await findBlocked(client, reason);
    if (error) setProblem(errorText(error));
    setProgress((before) => before && { ...before, total: invoices.length });
    const queue = [...invoices];
    const work = async () => {
      for (let next = queue.shift(); next && mayGoOn.current; next = queue.shift()) await retryOne(next);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    setProgress((before) => before && { ...before, isRunning: false, isStopped: !mayGoOn.current });
    onEnd();
  }

  return (
    <>
      {progress?.isRunning ? (
        <div className="retrying">
          <progress
            aria-label={t.retryTitle(t.reasons[reason])}
            value={progress.outcomes.length}
            max={progress.total || 1}
          />
          <span className="numeric">
            {t.retrying(format.count(progress.outcomes.length), format.count(progress.total))}
          </span>
          <Button
            onClick={() => {
              mayGoOn.current = false;
            }}
          >
            {t.stop}
          </Button>
        </div>
      ) : (
        count > 0 && (
          <div className="actions">
            <Button kind="primary" onClick={run}>
              {t.retryAll(format.count(Math.min(count, MOST)))}
            </Button>
          </div>
        )
      )}
      {problem && (
        <Notice kind="danger" role="alert">
          {problem}
        </Notice>
      )}
      <Summary progress={progress} />
      {progress && progress.outcomes.length > 0 && <Outcomes outcomes={progress.outcomes} />}
    </>
  );
}

function Summary({ progress }: { progress: Progress | undefined }) {
  const t = useMessages(emission);
  const format = useFormats();
  const isOver = progress && !progress.isRunning && progress.total > 0;
  const good = progress?.outcomes.filter(({ problem }) => !problem).length ?? 0;
  const total = format.count(progress?.total ?? 0);
  return (
    <div role="status">
      {isOver && (
        <Notice kind={good === progress.total ? "success" : "warning"}>
          {progress.isStopped ? t.stopped(format.count(good), total) : t.retried(format.count(good), total)}
        </Notice>
      )}
    </div>
  );
}

function Outcomes({ outcomes }: { outcomes: readonly Outcome[] }) {
  const t = useMessages(emission);
  return (
    <Table
      caption={t.outcomes}
      rows={outcomes}
      keyOf={({ invoice }) => invoice.id}
      columns={[
        {
          key: "invoice",
          header: t.invoice,
          cell: ({ invoice: { id, branch, billingPoint, number } }) => (
            <Link href={`/facturas/${id}`} className="row-link numeric unbroken">
              {[branch, billingPoint, number].filter(Boolean).join("-")}
            </Link>
          ),
        },
        {
          key: "outcome",
          header: t.outcome,
          cell: ({ problem }) => (problem ? `${t.notRetried}: ${problem}` : t.retriedOne),
        },
      ]}
    />
  );
}

/** All invoices that are blocked for a reason, up to as many as are tried at a time. */
async function findBlocked(client: Client, reason: BlockedReason) {
  const invoices: Invoice[] = [];
  let after: string | null = null;
  while (invoices.length < MOST) {
    const variables: { reasons: BlockedReason[]; after: string | null } = { reasons: [reason], after };
    const { data, error } = await client
      .query(BLOCKED_INVOICES, variables, { requestPolicy: "network-only" })
      .toPromise();
    if (!data) return { invoices, error };
    invoices.push(...data.invoices.edges.map(({ node }) => node));
    if (!data.invoices.pageInfo.hasNextPage) break;
    after = data.invoices.pageInfo.endCursor;
  }
  return { invoices: invoices.slice(0, MOST), error: undefined };
}
