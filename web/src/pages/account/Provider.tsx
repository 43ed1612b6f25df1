import { type FormEvent, useRef, useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import { FailureNotice } from "@/components/FailureNotice";
import { SelectField, TextField } from "@/components/Field";
import { RefusalsNotice } from "@/components/RefusalsNotice";
import { Badge, Notice } from "@/components/states";
import { useToast } from "@/components/Toast";
import type { ProviderFragment } from "@/graphql";
import { messageAt, type Refusals, useFocusOnRefusal } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { account, type ProviderName, PROVIDERS } from "@/i18n/account";
import { common } from "@/i18n/common";
import { useFormats } from "@/i18n/format";
import { useMay } from "@/layout/viewer";
import { SET_PAC_CREDENTIALS } from "./documents";

/** The provider (PAC) of the account, plainly marked where it is for tests. Its credentials are never shown. */
export function Provider({ provider }: { provider: ProviderFragment | null }) {
  const t = useMessages(account);
  const format = useFormats();
  const isAdmin = useMay("ADMIN");
  const [isOpen, setOpen] = useState(false);
  const isTest = provider?.environment === "TEST";
  return (
    <div className="section-part">
      <div className="section-header">
        <h3>
          {t.provider}{" "}
          {provider && (
            <Badge kind={isTest ? "warning" : "success"}>{t.environments[provider.environment]}</Badge>
          )}
        </h3>
        {isAdmin && (
          <Button onClick={() => setOpen(true)}>{provider ? t.changeProvider : t.setProvider}</Button>
        )}
      </div>
      {provider ? (
        <>
          <p>
            <strong>{nameOf(provider.provider, t.providers)}</strong>{" "}
            <span className="muted">{t.credentialsSince(format.moment(provider.updatedAt))}</span>
          </p>
          {isTest ? (
            <Notice kind="warning">{t.testHint}</Notice>
          ) : (
            <p className="muted">{t.productionHint}</p>
          )}
        </>
      ) : (
        <p className="muted">{t.noProvider}</p>
      )}
      {isOpen && <ProviderDialog provider={provider} onClose={() => setOpen(false)} />}
    </div>
  );
}

/** A provider that a newer service may have is called as the API calls it. */
export function nameOf(provider: string, names: Record<ProviderName, string>): string {
  return (names as Record<string, string>)[provider] ?? provider;
}

export function ProviderDialog({
  provider,
  onClose,
}: {
  provider: ProviderFragment | null;
  onClose: () => void;
}) {
  const t = useMessages(account);
  const words = useMessages(common);
  const toast = useToast();
  const form = useRef<HTMLFormElement>(null);
  const [chosen, setChosen] = useState<ProviderName | "">(
    () => PROVIDERS.find((name) => name === provider?.provider) ?? "",
  );
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [{ fetching, error }, set] = useMutation(SET_PAC_CREDENTIALS);
  const [refusals, setRefusals] = useState<Refusals>([]);
  const [isMissing, setMissing] = useState(false);
  useFocusOnRefusal(form, refusals);
  const isSandbox = chosen.startsWith("sandbox");

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (fetching) return;
    setMissing(!chosen);
    if (!chosen) return;
    const { data } = await set({
      provider: chosen,
      credentials: isSandbox ? null : { user, password },
      version: provider?.version ?? 0,
    });
    if (!data) return;
    setRefusals(
      data.setPacCredentials.userErrors.map((each) =>
        each.path[0] === "version" ? { ...each, path: [] } : each,
      ),
    );
    if (!data.setPacCredentials.pacSetting) return;
    toast(t.providerSaved);
    onClose();
  }

  return (
    <Dialog title={provider ? t.changeProvider : t.setProvider} onClose={onClose}>
      <form ref={form} noValidate className="dialog-form" autoComplete="off" onSubmit={submit}>
        <SelectField
          label={t.provider}
          required
          hint={t.environmentStays}
          value={chosen}
          onChange={(name) => {
            setChosen(name);
            setMissing(false);
            setRefusals([]);
          }}
          options={[["", t.chooseProvider], ...PROVIDERS.map((name) => [name, t.providers[name]] as const)]}
          error={isMissing ? t.providerMissing : messageAt(refusals, "provider")}
        />
        {chosen && (
          <Notice kind={isTest(chosen) ? "warning" : "info"}>
            <p>
              <strong>{t.environments[isTest(chosen) ? "TEST" : "PRODUCTION"]}.</strong>{" "}
              {isTest(chosen) ? t.testHint : t.productionHint}
            </p>
          </Notice>
        )}
        {isSandbox ? (
          <p className="muted">{t.sandboxHint}</p>
        ) : (
          <>
            <p className="muted">{t.credentialsHint}</p>
            <TextField
              label={t.user}
              required
              autoComplete="off"
              spellCheck={false}
              value={user}
              onChange={setUser}
              error={messageAt(refusals, "credentials", "user")}
            />
            <TextField
              label={t.password}
              required
              type="password"
              autoComplete="new-password"
              value={password}
              onChange={setPassword}
              error={messageAt(refusals, "credentials", "password")}
            />
          </>
        )}
        <RefusalsNotice refusals={refusals} />
        <FailureNotice error={error} />
        <div className="actions">
          <Button type="submit" kind="primary" busy={fetching}>
            {words.save}
          </Button>
          <Button onClick={onClose}>{words.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function isTest(provider: ProviderName): boolean {
  return provider.startsWith("sandbox") || provider.endsWith("-demo");
}
