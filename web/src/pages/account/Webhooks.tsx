import { type FormEvent, useMemo, useRef, useState } from "react";
import { useMutation, useQuery } from "urql";
import { Button, ButtonLink } from "@/components/Button";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { Dialog } from "@/components/Dialog";
import { FailureNotice } from "@/components/FailureNotice";
import { CheckboxField, TextField } from "@/components/Field";
import { RefusalsNotice } from "@/components/RefusalsNotice";
import { Badge, ErrorState, Loading } from "@/components/states";
import { useToast } from "@/components/Toast";
import type { EventType, WebhooksQuery } from "@/graphql";
import { messageAt, type Refusals, useErrorText, useFocusOnRefusal } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { account } from "@/i18n/account";
import { common } from "@/i18n/common";
import { useFormats } from "@/i18n/format";
import { CREATE_WEBHOOK, DELETE_WEBHOOK, ENABLE_WEBHOOK, ROTATE_WEBHOOK_SECRET, WEBHOOKS } from "./documents";
import { SecretDialog } from "./Secret";

type Webhook = WebhooksQuery["webhooks"][number];

/** The events that webhooks receive: all but those of drafts. */
const TYPES: EventType[] = [
  "CUSTOMER_CREATED",
  "CUSTOMER_UPDATED",
  "CUSTOMER_ARCHIVED",
  "CUSTOMER_RESTORED",
  "CUSTOMER_VERIFIED",
  "CUSTOMER_ERASED",
  "CUSTOMER_DELETED",
  "CUSTOMER_MERGED",
  "CUSTOMER_SEPARATED",
  "INVOICE_ISSUED",
  "INVOICE_SENT",
  "INVOICE_AUTHORIZED",
  "INVOICE_REJECTED",
  "INVOICE_VOIDED",
  "CREDIT_NOTE_ISSUED",
  "CREDIT_NOTE_SENT",
  "CREDIT_NOTE_AUTHORIZED",
  "CREDIT_NOTE_REJECTED",
  "CREDIT_NOTE_UPDATED",
  "CREDIT_NOTE_VOIDED",
  "DEBIT_NOTE_ISSUED",
  "DEBIT_NOTE_SENT",
  "DEBIT_NOTE_AUTHORIZED",
  "DEBIT_NOTE_REJECTED",
  "DEBIT_NOTE_UPDATED",
  "DEBIT_NOTE_VOIDED",
  "EMISSION_BLOCKED",
  "WEBHOOK_DISABLED",
  "IMPORT_FINISHED",
];

export function Webhooks() {
  const t = useMessages(account);
  const [{ data, error }, reload] = useQuery({
    query: WEBHOOKS,
    // An empty list has no rows by whose type urql would know that a mutation changed it.
    context: useMemo(() => ({ additionalTypenames: ["Webhook"] }), []),
  });
  const [isCreating, setCreating] = useState(false);
  const [secret, setSecret] = useState<{ title: string; text: string }>();
  return (
    <section className="card" aria-labelledby="webhooks">
      <div className="section-header">
        <h2 id="webhooks">{t.webhooks}</h2>
        <Button onClick={() => setCreating(true)}>{t.newWebhook}</Button>
      </div>
      <p className="muted">{t.webhooksHint}</p>
      {!data && (error ? <ErrorState error={error} onRetry={reload} /> : <Loading />)}
      {data && data.webhooks.length > 0 && (
        <ul className="webhooks">
          {data.webhooks.map((webhook) => (
            <WebhookItem
              key={webhook.id}
              webhook={webhook}
              onSecret={(text) => setSecret({ title: t.rotated, text })}
            />
          ))}
        </ul>
      )}
      {isCreating && (
        <NewWebhookDialog
          onClose={() => setCreating(false)}
          onCreated={(text) => {
            setCreating(false);
            setSecret({ title: t.webhookCreated, text });
          }}
        />
      )}
      {secret && (
        <SecretDialog title={secret.title} secret={secret.text} onClose={() => setSecret(undefined)} />
      )}
    </section>
  );
}

function WebhookItem({ webhook, onSecret }: { webhook: Webhook; onSecret: (secret: string) => void }) {
  const t = useMessages(account);
  const format = useFormats();
  const toast = useToast();
  const errorText = useErrorText();
  const [dialog, setDialog] = useState<"rotate" | "delete">();
  const [, rotate] = useMutation(ROTATE_WEBHOOK_SECRET);
  const [, remove] = useMutation(DELETE_WEBHOOK);
  const [enabling, enable] = useMutation(ENABLE_WEBHOOK);
  const state = webhook.disabledAt ? "disabled" : webhook.failingSince ? "failing" : "active";
  const hasAllTypes = TYPES.every((type) => webhook.types.includes(type));

  async function confirmRotate() {
    const { data, error } = await rotate({ id: webhook.id });
    if (!data?.rotateWebhookSecret.secret) {
      return error ? errorText(error) : data?.rotateWebhookSecret.userErrors[0]?.message;
    }
    onSecret(data.rotateWebhookSecret.secret);
    return undefined;
  }

  async function confirmDelete() {
    const { data, error } = await remove({ id: webhook.id }, { additionalTypenames: ["Webhook"] });
    if (!data?.deleteWebhook.deletedId) {
      return error ? errorText(error) : data?.deleteWebhook.userErrors[0]?.message;
    }
    toast(t.deleted);
    return undefined;
  }

  async function switchOn() {
    const { data } = await enable({ id: webhook.id });
    if (data?.enableWebhook.webhook) toast(t.enabled);
  }

  return (
    <li className="webhook">
      <div className="webhook-about">
        <p className="cell-line">
          <strong className="webhook-url">{webhook.url}</strong>
          <Badge kind={state === "active" ? "success" : state === "failing" ? "warning" : "danger"}>
            {t.webhookStates[state]}
          </Badge>
        </p>
        <p className="muted small">
          {hasAllTypes ? t.allEvents : webhook.types.map((type) => t.eventTypes[type]).join(", ")}
        </p>
        {webhook.disabledAt ? (
          <p className="field-error">
            {t.disabledAt(format.moment(webhook.disabledAt))} {webhook.disabledReason}
          </p>
        ) : (
          webhook.failingSince && (
            <p className="field-error">{t.failingSince(format.moment(webhook.failingSince))}</p>
          )
        )}
        {enabling.error && <p className="field-error">{errorText(enabling.error)}</p>}
      </div>
      <div className="actions">
        {webhook.disabledAt && (
          <Button kind="primary" busy={enabling.fetching} onClick={switchOn}>
            {t.enable}
          </Button>
        )}
        <ButtonLink href={`/cuenta/webhooks/${webhook.id}`}>{t.deliveries}</ButtonLink>
        <Button kind="quiet" onClick={() => setDialog("rotate")}>
          {t.rotate}
        </Button>
        <Button kind="quiet" onClick={() => setDialog("delete")}>
          {t.deleteWebhook}
        </Button>
      </div>
      {dialog === "rotate" && (
        <ConfirmDialog
          title={t.rotateTitle}
          text={t.rotateText}
          label={t.rotate}
          kind="primary"
          onConfirm={confirmRotate}
          onClose={() => setDialog(undefined)}
        />
      )}
      {dialog === "delete" && (
        <ConfirmDialog
          title={t.deleteTitle}
          text={t.deleteText}
          label={t.deleteWebhook}
          onConfirm={confirmDelete}
          onClose={() => setDialog(undefined)}
        />
      )}
    </li>
  );
}

function NewWebhookDialog({
  onClose,
  onCreated,
}: {
  onClose: () => void;
  onCreated: (secret: string) => void;
}) {
  const t = useMessages(account);
  const words = useMessages(common);
  const form = useRef<HTMLFormElement>(null);
  const [url, setUrl] = useState("");
  const [types, setTypes] = useState<readonly EventType[]>(TYPES);
  const [{ fetching, error }, create] = useMutation(CREATE_WEBHOOK);
  const [refusals, setRefusals] = useState<Refusals>([]);
  useFocusOnRefusal(form, refusals);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (fetching) return;
    const { data } = await create({ url: url.trim(), types: [...types] });
    if (!data) return;
    setRefusals(data.createWebhook.userErrors);
    if (data.createWebhook.secret) onCreated(data.createWebhook.secret);
  }

  const wrongTypes = messageAt(refusals, "types");
  return (
    <Dialog title={t.newWebhook} onClose={onClose}>
      <form ref={form} noValidate className="dialog-form" onSubmit={submit}>
        <TextField
          label={t.url}
          hint={t.urlHint}
          required
          type="url"
          autoComplete="off"
          value={url}
          onChange={setUrl}
          error={messageAt(refusals, "url")}
        />
        <fieldset className="field" aria-describedby={wrongTypes && "types-error"}>
          <legend>{t.events}</legend>
          {TYPES.map((type) => (
            <CheckboxField
              key={type}
              label={t.eventTypes[type]}
              checked={types.includes(type)}
              onChange={(checked) =>
                setTypes((before) =>
                  TYPES.filter((each) => (each === type ? checked : before.includes(each))),
                )
              }
            />
          ))}
          {wrongTypes && (
            <p className="field-error" id="types-error" data-refusals tabIndex={-1}>
              {wrongTypes}
            </p>
          )}
        </fieldset>
        <RefusalsNotice refusals={refusals} />
        <FailureNotice error={error} />
        <div className="actions">
          <Button type="submit" kind="primary" busy={fetching}>
            {t.createWebhook}
          </Button>
          <Button onClick={onClose}>{words.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}
