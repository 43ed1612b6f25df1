import { type FormEvent, useRef, useState } from "react";
import { useMutation, useQuery } from "urql";
import { Button } from "@/components/Button";
import { ChoiceField } from "@/components/ChoiceField";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { Dialog } from "@/components/Dialog";
import { FailureNotice } from "@/components/FailureNotice";
import { CheckboxField, SelectField, TextField } from "@/components/Field";
import { RefusalsNotice } from "@/components/RefusalsNotice";
import { Badge, ErrorState, Loading } from "@/components/states";
import { type Column, Table } from "@/components/Table";
import { useToast } from "@/components/Toast";
import type { ApiKeysQuery, Scope } from "@/graphql";
import { messageAt, type Refusals, useErrorText, useFocusOnRefusal } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { account } from "@/i18n/account";
import { common } from "@/i18n/common";
import { useFormats } from "@/i18n/format";
import { API_KEYS, CREATE_API_KEY, REVOKE_API_KEY } from "./documents";
import { SecretDialog } from "./Secret";

type Key = ApiKeysQuery["apiKeys"][number];

const SCOPES: Scope[] = ["READ", "WRITE", "ADMIN"];
const DAY = 86_400_000; // milliseconds

function isActive(key: Key): boolean {
  return !key.revokedAt && !(key.expiresAt && new Date(key.expiresAt) <= new Date());
}

export function ApiKeys() {
  const t = useMessages(account);
  const format = useFormats();
  const toast = useToast();
  const errorText = useErrorText();
  const [{ data, error }, reload] = useQuery({ query: API_KEYS });
  const [, revoke] = useMutation(REVOKE_API_KEY);
  const [showsAll, setShowsAll] = useState(false);
  const [isCreating, setCreating] = useState(false);
  const [secret, setSecret] = useState<string>();
  const [revoking, setRevoking] = useState<Key>();

  async function confirmRevoke() {
    if (!revoking) return undefined;
    const { data, error } = await revoke({ id: revoking.id });
    if (!data?.revokeApiKey.apiKey)
      return error ? errorText(error) : data?.revokeApiKey.userErrors[0]?.message;
    toast(t.revokedNow);
    return undefined;
  }

  const keys = data?.apiKeys ?? [];
  const shown = showsAll ? keys : keys.filter(isActive);
  const inactive = keys.filter((key) => !isActive(key)).length;
  const columns: Column<Key>[] = [
    {
      key: "name",
      header: t.keyName,
      cell: (key) => (
        <span className="cell-line">
          <strong>{key.name}</strong>
          {!isActive(key) && <Badge>{key.revokedAt ? t.revoked : t.expired}</Badge>}
        </span>
      ),
    },
    { key: "scope", header: t.scope, cell: ({ scope }) => t.scopes[scope] },
    { key: "created", header: t.created, cell: ({ createdAt }) => format.moment(createdAt) },
    {
      key: "used",
      header: t.lastUsed,
      cell: ({ lastUsedAt }) => (lastUsedAt ? format.moment(lastUsedAt) : t.notUsed),
    },
    {
      key: "expires",
      header: t.expires,
      cell: ({ expiresAt }) => (expiresAt ? format.moment(expiresAt) : t.never),
    },
    {
      key: "actions",
      header: t.actions,
      cell: (key) =>
        isActive(key) && (
          <Button kind="quiet" aria-label={`${t.revoke}: ${key.name}`} onClick={() => setRevoking(key)}>
            {t.revoke}
          </Button>
        ),
    },
  ];

  return (
    <section className="card" aria-labelledby="keys">
      <div className="section-header">
        <h2 id="keys">{t.keys}</h2>
        <Button onClick={() => setCreating(true)}>{t.newKey}</Button>
      </div>
      <p className="muted">{t.keysHint}</p>
      {!data && (error ? <ErrorState error={error} onRetry={reload} /> : <Loading />)}
      {shown.length > 0 && <Table caption={t.keys} columns={columns} rows={shown} keyOf={({ id }) => id} />}
      {data && shown.length === 0 && <p className="muted">{t.noKeys}</p>}
      {inactive > 0 && (
        <CheckboxField label={t.showRevoked(inactive)} checked={showsAll} onChange={setShowsAll} />
      )}
      {isCreating && (
        <NewKeyDialog
          onClose={() => setCreating(false)}
          onCreated={(created) => {
            setCreating(false);
            setSecret(created);
          }}
        />
      )}
      {secret && <SecretDialog title={t.keyCreated} secret={secret} onClose={() => setSecret(undefined)} />}
      {revoking && (
        <ConfirmDialog
          title={t.revokeTitle(revoking.name)}
          text={t.revokeText}
          label={t.revoke}
          onConfirm={confirmRevoke}
          onClose={() => setRevoking(undefined)}
        />
      )}
    </section>
  );
}

function NewKeyDialog({ onClose, onCreated }: { onClose: () => void; onCreated: (secret: string) => void }) {
  const t = useMessages(account);
  const words = useMessages(common);
  const form = useRef<HTMLFormElement>(null);
  const [name, setName] = useState("");
  const [scope, setScope] = useState<Scope>("WRITE");
  const [days, setDays] = useState("");
  const [{ fetching, error }, create] = useMutation(CREATE_API_KEY);
  const [refusals, setRefusals] = useState<Refusals>([]);
  useFocusOnRefusal(form, refusals);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (fetching) return;
    const expiresAt = days ? new Date(Date.now() + Number(days) * DAY).toISOString() : null;
    const { data } = await create({ name, scope, expiresAt });
    if (!data) return;
    setRefusals(data.createApiKey.userErrors);
    if (data.createApiKey.secret) onCreated(data.createApiKey.secret);
  }

  return (
    <Dialog title={t.newKey} onClose={onClose}>
      <form ref={form} noValidate className="dialog-form" onSubmit={submit}>
        <TextField
          label={t.keyName}
          hint={t.keyNameHint}
          required
          autoComplete="off"
          value={name}
          onChange={setName}
          error={messageAt(refusals, "name")}
        />
        <ChoiceField
          label={t.scope}
          value={scope}
          onChange={setScope}
          options={SCOPES.map((each) => [each, t.scopes[each]] as const)}
          hint={t.scopeHints[scope]}
        />
        <SelectField
          label={t.expires}
          value={days}
          onChange={setDays}
          options={[["", t.never], ...[30, 90, 365].map((each) => [String(each), t.inDays(each)] as const)]}
          error={messageAt(refusals, "expiresAt")}
        />
        <RefusalsNotice refusals={refusals} />
        <FailureNotice error={error} />
        <div className="actions">
          <Button type="submit" kind="primary" busy={fetching}>
            {t.createKey}
          </Button>
          <Button onClick={onClose}>{words.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}
