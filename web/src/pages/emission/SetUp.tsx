import { useState } from "react";
import { useMutation } from "urql";
import { Button, ButtonLink } from "@/components/Button";
import { useKeptFocus } from "@/components/focus";
import { FailureNotice } from "@/components/FailureNotice";
import { Badge } from "@/components/states";
import type { ProviderFragment } from "@/graphql";
import { useMessages } from "@/i18n";
import { emission } from "@/i18n/emission";
import { useMay } from "@/layout/viewer";
import type { Settings } from "@/pages/account/Business";
import { UPDATE_ACCOUNT } from "@/pages/account/documents";
import { ProviderDialog } from "@/pages/account/Provider";
import { ConnectionTest } from "./Connection";

const STEPS = ["data", "provider", "test", "on"] as const;
type Step = (typeof STEPS)[number];

type Account = Pick<Settings, "ruc" | "dv" | "taxpayerType" | "electronicInvoicing">;

/** Whether the account can issue electronic invoices. */
export function isReady(account: Account, provider: ProviderFragment | null): boolean {
  return account.electronicInvoicing && hasData(account) && provider !== null;
}

function hasData({ ruc, dv, taxpayerType }: Account): boolean {
  return Boolean(ruc && dv && taxpayerType);
}

/** What is missing until the account can issue electronic invoices, step by step. */
export function SetUp({
  account,
  provider,
  isTested,
  onTested,
  onReady,
}: {
  account: Account;
  provider: ProviderFragment | null;
  isTested: boolean;
  onTested: () => void;
  onReady: () => void;
}) {
  const t = useMessages(emission);
  const isAdmin = useMay("ADMIN");
  const isDone: Record<Step, boolean> = {
    data: hasData(account),
    provider: provider !== null,
    test: isTested,
    on: account.electronicInvoicing,
  };
  const current = STEPS.find((step) => !isDone[step]);
  useKeptFocus(current);
  return (
    <section className="card emission-card" aria-labelledby="set-up">
      <h2 id="set-up">{t.setUp}</h2>
      <p>{t.setUpText}</p>
      {!isAdmin && <p className="muted">{t.readOnly}</p>}
      <ol className="steps">
        {STEPS.map((step) => (
          <li key={step} aria-current={step === current ? "step" : undefined}>
            <div className="section-header">
              <h3>{t.steps[step]}</h3>
              <Badge kind={isDone[step] ? "success" : "neutral"}>{isDone[step] ? t.done : t.pending}</Badge>
            </div>
            <p className="muted">{t.stepTexts[step]}</p>
            {step === current && isAdmin && (
              <Act step={step} provider={provider} onTested={onTested} onReady={onReady} />
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** What is to be done at a step. */
function Act({
  step,
  provider,
  onTested,
  onReady,
}: {
  step: Step;
  provider: ProviderFragment | null;
  onTested: () => void;
  onReady: () => void;
}) {
  const t = useMessages(emission);
  switch (step) {
    case "data":
      return (
        <div className="actions">
          <ButtonLink kind="primary" href="/cuenta">
            {t.toData}
          </ButtonLink>
        </div>
      );
    case "provider":
      return <ChooseProvider provider={provider} />;
    case "test":
      return <ConnectionTest onTested={onTested} kind="primary" />;
    case "on":
      return <TurnOn onReady={onReady} />;
  }
}

function ChooseProvider({ provider }: { provider: ProviderFragment | null }) {
  const t = useMessages(emission);
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="actions">
      <Button kind="primary" onClick={() => setOpen(true)}>
        {t.chooseProvider}
      </Button>
      {isOpen && <ProviderDialog provider={provider} onClose={() => setOpen(false)} />}
    </div>
  );
}

function TurnOn({ onReady }: { onReady: () => void }) {
  const t = useMessages(emission);
  const [{ fetching, error }, update] = useMutation(UPDATE_ACCOUNT);

  async function turnOn() {
    const { data } = await update({ input: { electronicInvoicing: true } });
    if (data?.updateAccount.account) onReady();
  }

  return (
    <>
      <FailureNotice error={error} />
      <div className="actions">
        <Button kind="primary" busy={fetching} onClick={turnOn}>
          {t.turnOn}
        </Button>
      </div>
    </>
  );
}
