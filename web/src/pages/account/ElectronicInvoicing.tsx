import { useMutation, useQuery } from "urql";
import { Link } from "wouter";
import { Button } from "@/components/Button";
import { FailureNotice } from "@/components/FailureNotice";
import { Badge, Notice } from "@/components/states";
import type { ProviderFragment } from "@/graphql";
import { useMessages } from "@/i18n";
import { account } from "@/i18n/account";
import { useFormats } from "@/i18n/format";
import { useMay } from "@/layout/viewer";
import type { Settings } from "./Business";
import { INCOMPLETE_CUSTOMERS, UPDATE_ACCOUNT } from "./documents";
import { FiscalData } from "./FiscalData";
import { Provider } from "./Provider";

/** Whether invoices go to the DGI, and what they need for it. */
export function ElectronicInvoicing({
  account: settings,
  provider,
}: {
  account: Settings;
  provider: ProviderFragment | null;
}) {
  const t = useMessages(account);
  const format = useFormats();
  const isAdmin = useMay("ADMIN");
  const [{ data }] = useQuery({ query: INCOMPLETE_CUSTOMERS });
  const [{ fetching, error }, update] = useMutation(UPDATE_ACCOUNT);
  const isOn = settings.electronicInvoicing;
  const incomplete = data?.customers.totalCount ?? 0;
  const lacking = [
    ...(settings.ruc && settings.dv ? [] : [t.lacksRuc]),
    ...(settings.ruc && settings.dv && !settings.taxpayerType ? [t.lacksTaxpayerType] : []),
    ...(provider ? [] : [t.lacksProvider]),
  ];
  return (
    <section className="card" aria-labelledby="electronic-invoicing">
      <div className="section-header">
        <h2 id="electronic-invoicing">
          {t.electronicInvoicing} <Badge kind={isOn ? "success" : "neutral"}>{isOn ? t.on : t.off}</Badge>
        </h2>
        {isAdmin && (
          <Button busy={fetching} onClick={() => update({ input: { electronicInvoicing: !isOn } })}>
            {isOn ? t.turnOff : t.turnOn}
          </Button>
        )}
      </div>
      <p className="muted">
        {t.electronicInvoicingHint} <Link href="/facturacion-electronica">{t.seeEmission}</Link>
      </p>
      {isOn && lacking.length > 0 && (
        <Notice kind="warning">
          <p>{t.cannotIssue}</p>
          <ul className="bulleted">
            {lacking.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </Notice>
      )}
      {incomplete > 0 && (
        <Notice kind={isOn ? "warning" : "info"}>
          <p>
            {t.incomplete(format.count(incomplete), incomplete)}{" "}
            <Link href="/clientes?incompletos=1">{t.seeIncomplete}</Link>
          </p>
        </Notice>
      )}
      <FailureNotice error={error} />
      {(isOn || provider) && <Provider provider={provider} />}
      {isOn && <FiscalData account={settings} />}
    </section>
  );
}
