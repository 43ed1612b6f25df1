import type { CombinedError } from "@urql/core";
import { type FormEvent, useRef, useState } from "react";
import { useClient, useMutation } from "urql";
import { Button } from "@/components/Button";
import { ChoiceField } from "@/components/ChoiceField";
import { FailureNotice } from "@/components/FailureNotice";
import { CheckboxField, TextAreaField, TextField } from "@/components/Field";
import { type Mail, MailPreview } from "@/components/MailPreview";
import { RefusalsNotice } from "@/components/RefusalsNotice";
import { useToast } from "@/components/Toast";
import type { Language, SettingsFragment } from "@/graphql";
import { below, messageAt, type Refusals, useFocusOnRefusal } from "@/graphql/errors";
import { PREVIEW_MAIL } from "@/graphql/previewMail";
import { useMessages } from "@/i18n";
import { account } from "@/i18n/account";
import { common } from "@/i18n/common";
import { useMay } from "@/layout/viewer";
import type { Settings } from "./Business";
import { UPDATE_ACCOUNT } from "./documents";

const LANGUAGES = ["ES", "EN"] as const;

type Texts = Record<Language, { subject: string; greeting: string }>;

function toForm({ mailTexts }: SettingsFragment): Texts {
  const of = (language: Language) => {
    const text = mailTexts.find((each) => each.language === language);
    return { subject: text?.subject ?? "", greeting: text?.greeting ?? "" };
  };
  return { ES: of("ES"), EN: of("EN") };
}

/** The business's own words in its mails, for customers of each language, and how a mail reads with them. */
export function MailTexts({ account: settings }: { account: Settings }) {
  const t = useMessages(account);
  const words = useMessages(common);
  const toast = useToast();
  const client = useClient();
  const isAdmin = useMay("ADMIN");
  const form = useRef<HTMLFormElement>(null);
  const [language, setLanguage] = useState<Language>("ES");
  const [value, setValue] = useState(() => toForm(settings));
  const [hasLink, setHasLink] = useState(settings.mailLink);
  const [preview, setPreview] = useState<Mail>();
  const [{ fetching, error: updateError }, update] = useMutation(UPDATE_ACCOUNT);
  const [previewError, setPreviewError] = useState<CombinedError>();
  const [refusals, setRefusals] = useState<Refusals>([]);
  useFocusOnRefusal(form, refusals);
  const mailTexts = LANGUAGES.map((each) => ({
    language: each,
    subject: value[each].subject.trim() || null,
    greeting: value[each].greeting.trim() || null,
  }));
  const place = String(LANGUAGES.indexOf(language));

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (fetching) return;
    setPreviewError(undefined);
    const { data } = await update({ input: { mailTexts, mailLink: hasLink } });
    if (!data) return;
    show(below(data.updateAccount.userErrors, "input"));
    const saved = data.updateAccount.account;
    if (!saved) return;
    setValue(toForm(saved));
    toast(t.saved);
  }

  async function look() {
    const { data, error } = await client.query(
      PREVIEW_MAIL,
      { language, mailTexts },
      { requestPolicy: "network-only" },
    );
    setPreviewError(error);
    if (!data) return;
    show(data.previewMail.userErrors);
    setPreview(data.previewMail.text === null ? undefined : data.previewMail);
  }

  /** What is wrong with a text is shown with its language. */
  function show(found: Refusals) {
    const at = found.find(({ path }) => path[0] === "mailTexts")?.path[1];
    const wrong = LANGUAGES[Number(at)];
    if (at !== undefined && wrong) setLanguage(wrong);
    setRefusals(found);
  }

  const field = (name: "subject" | "greeting") => ({
    value: value[language][name],
    onChange: (typed: string) =>
      setValue((before) => ({ ...before, [language]: { ...before[language], [name]: typed } })),
    error: messageAt(refusals, "mailTexts", place, name),
    readOnly: !isAdmin,
    autoComplete: "off",
  });

  return (
    <section className="card" aria-labelledby="mail-texts">
      <h2 id="mail-texts">{t.mailTexts}</h2>
      <p className="muted">{t.mailTextsHint}</p>
      <form ref={form} noValidate className="account-form" onSubmit={submit}>
        <ChoiceField
          label={t.mailLanguage}
          value={language}
          onChange={setLanguage}
          options={LANGUAGES.map((each) => [each, t.mailLanguages[each]] as const)}
        />
        <TextField label={t.mailSubject} {...field("subject")} />
        <TextAreaField label={t.mailGreeting} {...field("greeting")} />
        <CheckboxField
          label={t.mailLink}
          hint={t.mailLinkHint}
          checked={hasLink}
          disabled={!isAdmin}
          onChange={setHasLink}
        />
        <RefusalsNotice refusals={refusals} />
        <FailureNotice error={updateError ?? previewError} />
        <div className="actions">
          {isAdmin && (
            <Button type="submit" kind="primary" busy={fetching}>
              {words.save}
            </Button>
          )}
          <Button onClick={look}>{words.previewMail}</Button>
        </div>
      </form>
      {preview && <MailPreview mail={preview} />}
    </section>
  );
}
