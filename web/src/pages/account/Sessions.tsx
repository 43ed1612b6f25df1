import { useState } from "react";
import { useMutation, useQuery } from "urql";
import { Button } from "@/components/Button";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { Badge, ErrorState, Loading } from "@/components/states";
import { type Column, Table } from "@/components/Table";
import { useToast } from "@/components/Toast";
import type { SessionsQuery } from "@/graphql";
import { useErrorText } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { account } from "@/i18n/account";
import { useFormats } from "@/i18n/format";
import { signOut } from "@/session";
import { REVOKE_SESSION, SESSIONS, SIGN_OUT_EVERYWHERE } from "./documents";

type Session = SessionsQuery["sessions"][number];

/** The browsers that are signed in: for an administrator all of the account's, for others those with the same key. */
export function Sessions() {
  const t = useMessages(account);
  const format = useFormats();
  const toast = useToast();
  const errorText = useErrorText();
  const [{ data, error }, reload] = useQuery({ query: SESSIONS, requestPolicy: "cache-and-network" });
  const [, revoke] = useMutation(REVOKE_SESSION);
  const [, endAll] = useMutation(SIGN_OUT_EVERYWHERE);
  const [ending, setEnding] = useState<Session>();
  const [isEndingAll, setEndingAll] = useState(false);
  const current = data?.viewer.sessionId;

  async function confirmEnd() {
    if (!ending) return undefined;
    if (ending.id === current) {
      await signOut();
      return undefined;
    }
    const { data, error } = await revoke({ id: ending.id });
    if (!data?.revokeSession.session)
      return error ? errorText(error) : data?.revokeSession.userErrors[0]?.message;
    toast(t.sessionEnded);
    return undefined;
  }

  async function confirmEndAll() {
    const { error } = await endAll({});
    if (error) return errorText(error);
    await signOut();
    return undefined;
  }

  const nameOf = (session: Session) => session.keyName ?? t.signInLink;
  const columns: Column<Session>[] = [
    {
      key: "key",
      header: t.signedInWith,
      cell: (session) => (
        <span className="cell-line">
          <strong>{nameOf(session)}</strong>
          {session.id === current && <Badge>{t.thisSession}</Badge>}
        </span>
      ),
    },
    { key: "scope", header: t.scope, cell: ({ scope }) => t.scopes[scope] },
    { key: "began", header: t.sessionBegan, cell: ({ createdAt }) => format.moment(createdAt) },
    {
      key: "used",
      header: t.lastUsed,
      cell: ({ lastUsedAt }) => (lastUsedAt ? format.moment(lastUsedAt) : t.notUsed),
    },
    { key: "ends", header: t.sessionEnds, cell: ({ expiresAt }) => format.moment(expiresAt) },
    {
      key: "actions",
      header: t.actions,
      cell: (session) => (
        <Button
          kind="quiet"
          aria-label={`${t.endSession}: ${nameOf(session)}, ${format.moment(session.createdAt)}`}
          onClick={() => setEnding(session)}
        >
          {t.endSession}
        </Button>
      ),
    },
  ];

  return (
    <section className="card" aria-labelledby="sessions">
      <div className="section-header">
        <h2 id="sessions">{t.sessions}</h2>
        <Button onClick={() => setEndingAll(true)}>{t.endAllSessions}</Button>
      </div>
      <p className="muted">{t.sessionsHint}</p>
      {!data && (error ? <ErrorState error={error} onRetry={reload} /> : <Loading />)}
      {data && <Table caption={t.sessions} columns={columns} rows={data.sessions} keyOf={({ id }) => id} />}
      {ending && (
        <ConfirmDialog
          title={t.endSessionTitle}
          text={ending.id === current ? t.endThisSessionText : t.endSessionText}
          label={t.endSession}
          onConfirm={confirmEnd}
          onClose={() => setEnding(undefined)}
        />
      )}
      {isEndingAll && (
        <ConfirmDialog
          title={t.endAllTitle}
          text={t.endAllText}
          label={t.endAllSessions}
          onConfirm={confirmEndAll}
          onClose={() => setEndingAll(false)}
        />
      )}
    </section>
  );
}
