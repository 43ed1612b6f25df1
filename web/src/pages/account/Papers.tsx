import { type ChangeEvent, type FormEvent, useRef, useState } from "react";
import { useClient, useMutation } from "urql";
import { Button } from "@/components/Button";
import { ChoiceField } from "@/components/ChoiceField";
import { FailureNotice } from "@/components/FailureNotice";
import { TextAreaField, TextField } from "@/components/Field";
import { RefusalsNotice } from "@/components/RefusalsNotice";
import { Notice } from "@/components/states";
import { useToast } from "@/components/Toast";
import { atInput, messageAt, type Refusals, useFocusOnRefusal } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { papers } from "@/i18n/papers";
import { useMay } from "@/layout/viewer";
import { fetchInOrder } from "@/position";
import type { Settings } from "./Business";
import { ACCOUNT, UPDATE_ACCOUNT } from "./documents";

const FIELDS = ["paperColor", "paperFooter", "bankLines"] as const;

type Value = Record<(typeof FIELDS)[number], string>;

function toForm(settings: Pick<Settings, (typeof FIELDS)[number]>): Value {
  return {
    paperColor: settings.paperColor ?? "",
    paperFooter: settings.paperFooter ?? "",
    bankLines: settings.bankLines ?? "",
  };
}

/** How papers look: logo, colour, the line at their foot and where to pay, with a picture of an example. */
export function Papers({ account: settings }: { account: Settings }) {
  const t = useMessages(papers);
  const words = useMessages(common);
  const toast = useToast();
  const isAdmin = useMay("ADMIN");
  const form = useRef<HTMLFormElement>(null);
  const [stored, setStored] = useState(() => toForm(settings));
  const [value, setValue] = useState(stored);
  const [{ fetching, error }, update] = useMutation(UPDATE_ACCOUNT);
  const [refusals, setRefusals] = useState<Refusals>([]);
  useFocusOnRefusal(form, refusals);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (fetching) return;
    const changed = FIELDS.filter((name) => value[name] !== stored[name]);
    const input = Object.fromEntries(changed.map((name) => [name, value[name].trim() || null]));
    const { data } = await update({ input });
    if (!data) return;
    setRefusals(atInput(data.updateAccount.userErrors));
    const saved = data.updateAccount.account;
    if (!saved) return;
    setStored(toForm(saved));
    setValue(toForm(saved));
    toast(t.saved);
  }

  const field = (name: keyof Value) => ({
    value: value[name],
    onChange: (typed: string) => setValue((before) => ({ ...before, [name]: typed })),
    error: messageAt(refusals, name),
    readOnly: !isAdmin,
    autoComplete: "off",
  });

  return (
    <section className="card" aria-labelledby="papers">
      <h2 id="papers">{t.papers}</h2>
      <p className="muted">{t.hint}</p>
      <LogoField account={settings} />
      <form ref={form} noValidate className="account-form" onSubmit={submit}>
        <div className="form-grid">
          <TextField
            label={t.color}
            hint={t.colorHint}
            maxLength={7}
            placeholder="#0b6b66"
            {...field("paperColor")}
          />
          <TextField label={t.footer} hint={t.footerHint} maxLength={120} {...field("paperFooter")} />
          <TextAreaField wide label={t.bank} hint={t.bankHint} {...field("bankLines")} />
        </div>
        <RefusalsNotice refusals={refusals} />
        <FailureNotice error={error} />
        {isAdmin && (
          <div className="actions">
            <Button type="submit" kind="primary" busy={fetching}>
              {words.save}
            </Button>
          </div>
        )}
      </form>
      <Preview version={settings.version} />
    </section>
  );
}

/** The logo, which has an address of its own since it isn't text. */
function LogoField({ account: settings }: { account: Settings }) {
  const t = useMessages(papers);
  const toast = useToast();
  const client = useClient();
  const isAdmin = useMay("ADMIN");
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const { logoDigest } = settings;
  const problems = new Map([
    [413, t.tooLarge],
    [415, t.otherType],
    [422, t.unusable],
  ]);

  async function send(method: "PUT" | "DELETE", file?: File) {
    setBusy(true);
    setProblem(null);
    try {
      const response = await fetchInOrder("/account/logo", { method, body: file ?? null });
      if (!response.ok) return setProblem(problems.get(response.status) ?? t.failed);
      await client.query(ACCOUNT, {}, { requestPolicy: "network-only" }).toPromise();
      toast(file ? t.logoSaved : t.logoRemoved);
    } catch {
      setProblem(t.failed);
    } finally {
      setBusy(false);
    }
  }

  function choose(event: ChangeEvent<HTMLInputElement>) {
    const file = event.target.files?.[0];
    event.target.value = ""; // so that the same file can be chosen again
    if (file) void send("PUT", file);
  }

  return (
    <div className="section-part">
      <h3>{t.logo}</h3>
      {logoDigest && <img className="paper-logo" src={`/account/logo?${logoDigest}`} alt={t.logo} />}
      {!logoDigest && <p className="muted">{t.noLogo}</p>}
      {problem && (
        <Notice kind="danger" role="alert">
          {problem}
        </Notice>
      )}
      {isAdmin && (
        <div className="actions">
          <input
            ref={input}
            type="file"
            accept="image/png,image/jpeg"
            aria-label={t.chooseLogo}
            hidden
            onChange={choose}
          />
          <Button busy={busy} onClick={() => input.current?.click()}>
            {logoDigest ? t.replaceLogo : t.chooseLogo}
          </Button>
          {logoDigest && (
            <Button kind="quiet" busy={busy} onClick={() => void send("DELETE")}>
              {t.removeLogo}
            </Button>
          )}
          <span className="muted small">{t.logoHint}</span>
        </div>
      )}
    </div>
  );
}

/** A picture of an example as it is saved. `version` is the account's, so that a change draws it anew. */
function Preview({ version }: { version: number }) {
  const t = useMessages(papers);
  const [format, setFormat] = useState<"letter" | "strip">("letter");
  const [language, setLanguage] = useState<"ES" | "EN">("ES");
  const address = `/account/paper.png?format=${format}&language=${language}&version=${version}`;
  return (
    <div className="section-part">
      <h3>{t.preview}</h3>
      <div className="form-grid">
        <ChoiceField
          label={t.format}
          value={format}
          onChange={setFormat}
          options={[
            ["letter", t.letter],
            ["strip", t.strip],
          ]}
        />
        <ChoiceField
          label={t.language}
          value={language}
          onChange={setLanguage}
          options={[
            ["ES", "Español"],
            ["EN", "English"],
          ]}
        />
      </div>
      <img key={address} className={`paper-preview paper-${format}`} src={address} alt={t.previewAlt} />
    </div>
  );
}
