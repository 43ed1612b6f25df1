import { useMutation } from "urql";
import { Button, ButtonLink } from "@/components/Button";
import { FailureNotice } from "@/components/FailureNotice";
import { Badge, Notice } from "@/components/states";
import type { EmissionOverviewFragment, ProviderFragment } from "@/graphql";
import { useMessages } from "@/i18n";
import { account } from "@/i18n/account";
import { emission } from "@/i18n/emission";
import { useFormats } from "@/i18n/format";
import { useMay } from "@/layout/viewer";
import { nameOf } from "@/pages/account/Provider";
import { TEST_PAC_CONNECTION } from "./documents";

/** The provider, what it says of folios and licence, and whether it answers now. */
export function Connection({
  status,
  setting,
  onTested,
}: {
  status: EmissionOverviewFragment;
  setting: ProviderFragment | null;
  onTested: () => void;
}) {
  const t = useMessages(emission);
  const words = useMessages(account);
  const format = useFormats();
  const isAdmin = useMay("ADMIN");
  const { folios, provider, environment } = status;
  const isTest = environment === "TEST";
  return (
    <section className="card emission-card" aria-labelledby="connection">
      <h2 id="connection">{t.connection}</h2>
      <dl className="facts">
        <div>
          <dt>{t.provider}</dt>
          <dd>{provider ? nameOf(provider, words.providers) : words.noProvider}</dd>
        </div>
        <div>
          <dt>{t.environment}</dt>
          <dd>
            <Badge kind={isTest ? "warning" : "success"}>{words.environments[environment]}</Badge>
          </dd>
        </div>
        <div>
          <dt>{t.folios}</dt>
          <dd>{folios ? <Left available={folios.available} total={folios.total} /> : t.notAsked}</dd>
        </div>
        {folios && (
          <>
            <div>
              <dt>{t.licence}</dt>
              <dd>{folios.licenceUntil ?? t.unknown}</dd>
            </div>
            <div>
              <dt>{t.checked}</dt>
              <dd>{format.moment(folios.checkedAt)}</dd>
            </div>
          </>
        )}
      </dl>
      <p className="muted">{isTest ? words.testHint : words.productionHint}</p>
      {isAdmin ? (
        // New credentials make what the last test said untrue.
        <ConnectionTest key={setting?.version} onTested={onTested}>
          <ButtonLink href="/cuenta">{t.change}</ButtonLink>
        </ConnectionTest>
      ) : (
        <p className="muted">{t.adminOnly}</p>
      )}
    </section>
  );
}

function Left({ available, total }: { available: number | null; total: number | null }) {
  const t = useMessages(emission);
  const format = useFormats();
  if (available === null) return t.unknown;
  const left = format.count(available);
  return total === null ? t.foliosLeftOnly(left) : t.foliosLeft(left, format.count(total));
}

/** The button that asks the provider whether it answers, and what it said. */
export function ConnectionTest({
  onTested,
  kind = "secondary",
  children,
}: {
  onTested: () => void;
  kind?: "primary" | "secondary";
  children?: React.ReactNode;
}) {
  const t = useMessages(emission);
  const format = useFormats();
  const [{ data, fetching, error }, test] = useMutation(TEST_PAC_CONNECTION);
  const found = fetching ? undefined : data?.checkPacConnection;

  async function run() {
    const { data } = await test({});
    if (data?.checkPacConnection.ok) onTested();
  }

  return (
    <>
      <p className="muted">{t.testHint}</p>
      <div role="status">
        {fetching && <p>{t.testing}</p>}
        {found?.ok && (
          <Notice kind="success">
            {t.works(found.available === null ? null : format.count(found.available))}
          </Notice>
        )}
      </div>
      {found && !found.ok && (
        <Notice kind="danger" role="alert">
          {found.userErrors.map(({ message }) => (
            <p key={message}>{message}</p>
          ))}
        </Notice>
      )}
      {!fetching && <FailureNotice error={error} />}
      <div className="actions">
        <Button kind={kind} busy={fetching} onClick={run}>
          {t.test}
        </Button>
        {children}
      </div>
    </>
  );
}
