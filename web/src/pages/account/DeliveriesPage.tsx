import "./account.css";
import { useState } from "react";
import { useMutation, useQuery } from "urql";
import { Link } from "wouter";
import { Button } from "@/components/Button";
import { SelectField } from "@/components/Field";
import { readCursor, toAddress, toPageVariables, useListAddress } from "@/components/list/address";
import { ListTable } from "@/components/list/ListTable";
import { Badge, EmptyState, Notice } from "@/components/states";
import type { Column } from "@/components/Table";
import { useToast } from "@/components/Toast";
import { useTitle } from "@/components/useTitle";
import type { DeliveryStatus, WebhookDeliveriesQuery } from "@/graphql";
import { useErrorText } from "@/graphql/errors";
import { REDELIVER } from "@/graphql/redeliver";
import { useMessages } from "@/i18n";
import { account } from "@/i18n/account";
import { useFormats } from "@/i18n/format";
import { NotFoundPage } from "@/pages/NotFoundPage";
import { WEBHOOK_DELIVERIES, WEBHOOKS } from "./documents";

type Delivery = WebhookDeliveriesQuery["webhookDeliveries"]["edges"][number]["node"];

const STATUSES: Record<string, DeliveryStatus> = {
  pendientes: "PENDING",
  entregados: "DELIVERED",
  fallidos: "FAILED",
};
const KINDS = { PENDING: "neutral", DELIVERED: "success", FAILED: "danger" } as const;
const PAGE_SIZE = 20;

/** The deliveries of a webhook: sent, failed and pending. */
export function DeliveriesPage({ id }: { id: string }) {
  const t = useMessages(account);
  const format = useFormats();
  const toast = useToast();
  const errorText = useErrorText();
  const [parameters, change] = useListAddress();
  const status = parameters.get("estado") ?? "";
  const [webhooks] = useQuery({ query: WEBHOOKS });
  const [{ data, error, fetching, stale }, load] = useQuery({
    query: WEBHOOK_DELIVERIES,
    variables: {
      webhookId: id,
      status: STATUSES[status] ?? null,
      ...toPageVariables(readCursor(parameters), PAGE_SIZE),
    },
  });
  const [redelivering, redeliver] = useMutation(REDELIVER);
  const [problem, setProblem] = useState<string>();
  const reload = () => load({ requestPolicy: "network-only" });
  const webhook = webhooks.data?.webhooks.find((each) => each.id === id);
  useTitle(t.deliveries);

  async function sendAgain(delivery: string) {
    const { data, error } = await redeliver({ id: delivery });
    const refusal = data?.redeliver.userErrors[0];
    setProblem(error ? errorText(error) : refusal?.message);
    if (error || refusal) return;
    toast(t.redelivered);
    reload();
  }

  if (webhooks.data && !webhook) return <NotFoundPage />;

  const columns: Column<Delivery>[] = [
    {
      key: "event",
      header: t.event,
      cell: ({ event }) => (
        <span>
          <strong>{t.eventTypes[event.type]}</strong>
          <span className="muted small numeric event-moment">
            {format.moment(event.occurredAt)} · {event.sequence}
          </span>
        </span>
      ),
    },
    {
      key: "status",
      header: t.state,
      cell: (delivery) => (
        <span>
          <Badge kind={KINDS[delivery.status]}>{t.deliveryStatuses[delivery.status]}</Badge>
          {delivery.error && <span className="field-error delivery-error">{delivery.error}</span>}
          {delivery.nextAttemptAt && (
            <span className="muted small delivery-error">
              {t.next(format.moment(delivery.nextAttemptAt))}
            </span>
          )}
        </span>
      ),
    },
    { key: "began", header: t.began, cell: ({ beganAt }) => format.moment(beganAt) },
    { key: "attempts", header: t.attempts, numeric: true, cell: ({ attempts }) => format.count(attempts) },
    {
      key: "actions",
      header: t.actions,
      cell: (delivery) =>
        delivery.status !== "PENDING" && (
          <Button kind="quiet" busy={redelivering.fetching} onClick={() => sendAgain(delivery.id)}>
            {t.redeliver}
          </Button>
        ),
    },
  ];
  return (
    <div className="page">
      <nav aria-label={t.breadcrumb} className="small">
        <Link href="/cuenta">← {t.title}</Link>
      </nav>
      <div className="page-header">
        <div>
          <h1>{t.deliveries}</h1>
          <p className="muted webhook-url">{webhook?.url ?? "\u00a0"}</p>
        </div>
        <Button onClick={reload}>{t.refresh}</Button>
      </div>
      <div className="delivery-filter">
        <SelectField
          label={t.state}
          value={status in STATUSES ? status : ""}
          onChange={(estado) => change({ estado })}
          options={[
            ["", t.anyStatus],
            ...Object.entries(STATUSES).map(([word, each]) => [word, t.deliveryStatuses[each]] as const),
          ]}
        />
      </div>
      {problem && (
        <Notice kind="danger" role="alert">
          {problem}
        </Notice>
      )}
      <ListTable
        caption={t.deliveries}
        columns={columns}
        connection={data?.webhookDeliveries}
        error={error}
        onRetry={reload}
        onPage={(cursor) => change(toAddress(cursor))}
        stale={fetching || stale}
        empty={
          <EmptyState title={t.noDeliveries}>
            <p>{t.noDeliveriesHint}</p>
          </EmptyState>
        }
      />
    </div>
  );
}
