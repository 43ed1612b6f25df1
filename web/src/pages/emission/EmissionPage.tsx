import "@/pages/account/account.css";
import "./emission.css";
import { useState } from "react";
import { useQuery } from "urql";
import { ErrorState, Loading, Notice } from "@/components/states";
import { usePolling } from "@/components/usePolling";
import { useTitle } from "@/components/useTitle";
import { useLive } from "@/graphql/useLive";
import { useMessages } from "@/i18n";
import { emission } from "@/i18n/emission";
import { ACCOUNT } from "@/pages/account/documents";
import { INVOICE_CHANGED } from "@/pages/invoices/documents";
import { Connection } from "./Connection";
import { Differences } from "./Differences";
import { EMISSION } from "./documents";
import { Places } from "./Places";
import { isReady, SetUp } from "./SetUp";
import { Waiting } from "./Waiting";

// Without a provider there is none in the answer by whose type urql would know that one was set.
const CONTEXT = { additionalTypenames: ["PacSetting"] };
const ALL = {};

/** How the account's electronic invoices are doing, and what somebody must do; before that, the steps to begin. */
export function EmissionPage() {
  const t = useMessages(emission);
  const [{ data, error }, load] = useQuery({ query: EMISSION, context: CONTEXT });
  const [{ data: settings, error: failure }, loadSettings] = useQuery({ query: ACCOUNT, context: CONTEXT });
  const [wasTested, setTested] = useState(false);
  const [wasSetUp, setSetUp] = useState(false);
  const reload = () => load({ requestPolicy: "network-only" });
  useLive(INVOICE_CHANGED, ALL, reload);
  usePolling((data?.emissionStatus.open ?? 0) > 0, reload);
  useTitle(t.title);
  if (!data || !settings) {
    const problem = error ?? failure;
    if (!problem) return <Loading />;
    return (
      <ErrorState
        error={problem}
        onRetry={() => {
          reload();
          loadSettings();
        }}
      />
    );
  }
  const status = data.emissionStatus;
  const { account } = settings.viewer;
  const isComplete = isReady(account, settings.pacSetting);
  return (
    <div className="page emission">
      <div className="emission-header">
        <h1>{t.title}</h1>
        <p className="muted">{t.subtitle}</p>
      </div>
      {isComplete && wasSetUp && (
        <Notice kind="success" role="status">
          {t.ready}
        </Notice>
      )}
      {!isComplete && (
        <SetUp
          account={account}
          provider={settings.pacSetting}
          isTested={wasTested || status.folios !== null}
          onTested={() => setTested(true)}
          onReady={() => setSetUp(true)}
        />
      )}
      {(isComplete || hasInvoices(status)) && <Waiting status={status} reload={reload} />}
      {status.differences.length > 0 && <Differences differences={status.differences} />}
      {isComplete && <Connection status={status} setting={settings.pacSetting} onTested={reload} />}
      <Places branches={account.branches} points={account.billingPoints} />
    </div>
  );
}

/** Whether something waits, which may be so although the account has been turned off since. */
function hasInvoices(status: { open: number; rejected: number; blocked: readonly unknown[] }): boolean {
  return status.open + status.rejected + status.blocked.length > 0;
}
