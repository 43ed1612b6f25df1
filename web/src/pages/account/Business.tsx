import { type FormEvent, useRef, useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/Button";
import { FailureNotice } from "@/components/FailureNotice";
import { DaysField, TextAreaField, TextField } from "@/components/Field";
import { RefusalsNotice } from "@/components/RefusalsNotice";
import { useToast } from "@/components/Toast";
import type { AccountQuery, SettingsFragment } from "@/graphql";
import { atInput, messageAt, type Refusals, useFocusOnRefusal } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { account } from "@/i18n/account";
import { common } from "@/i18n/common";
import { formatPhone } from "@/i18n/format";
import { useMay } from "@/layout/viewer";
import { UPDATE_ACCOUNT } from "./documents";

export type Settings = AccountQuery["viewer"]["account"];

/** What invoices show of the business, as its form holds it. */
function toForm(settings: SettingsFragment) {
  return {
    name: settings.name,
    legalName: settings.legalName ?? "",
    ruc: settings.ruc ?? "",
    dv: settings.dv ?? "",
    address: settings.address ?? "",
    phone: formatPhone(settings.phone ?? ""),
    mobile: formatPhone(settings.mobile ?? ""),
    email: settings.email ?? "",
    terms: settings.terms ?? "",
    paymentTermDays: settings.paymentTermDays?.toString() ?? "",
  };
}

/** The business: name, RUC and address, as its invoices show them, and the term in which customers pay. */
export function Business({ account: settings }: { account: Settings }) {
  const t = useMessages(account);
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
    // Only what was changed here: another person may have changed the rest.
    const { name, paymentTermDays, ...texts } = value;
    const input = {
      name,
      paymentTermDays: paymentTermDays ? Number(paymentTermDays) : null,
      ...Object.fromEntries(Object.entries(texts).map(([each, text]) => [each, text.trim() || null])),
    };
    const isChanged = (each: string) =>
      value[each as keyof typeof value] !== stored[each as keyof typeof value];
    // RUC and DV are checked together.
    const changed = Object.entries(input).filter(
      ([each]) => isChanged(each) || (["ruc", "dv"].includes(each) && (isChanged("ruc") || isChanged("dv"))),
    );
    const { data } = await update({ input: Object.fromEntries(changed) });
    if (!data) return;
    setRefusals(atInput(data.updateAccount.userErrors));
    const saved = data.updateAccount.account;
    if (!saved) return;
    setStored(toForm(saved));
    setValue(toForm(saved));
    toast(t.saved);
  }

  const field = (name: keyof typeof value) => ({
    value: value[name],
    onChange: (typed: string) => setValue((before) => ({ ...before, [name]: typed })),
    error: messageAt(refusals, name),
    readOnly: !isAdmin,
    autoComplete: "off",
  });

  return (
    <section className="card" aria-labelledby="business">
      <h2 id="business">{t.business}</h2>
      <form ref={form} noValidate className="account-form" onSubmit={submit}>
        <div className="business-fields">
          <TextField label={t.name} required={isAdmin} {...field("name")} />
          <TextField label={t.ruc} {...field("ruc")} />
          <TextField label={t.dv} maxLength={2} inputMode="numeric" {...field("dv")} />
        </div>
        <div className="form-grid">
          <TextField wide label={t.legalName} hint={t.legalNameHint} {...field("legalName")} />
          <TextField wide label={t.address} {...field("address")} />
          <TextField label={t.phone} type="tel" {...field("phone")} />
          <TextField label={t.mobile} type="tel" {...field("mobile")} />
          <TextField label={t.email} type="email" hint={t.emailHint} {...field("email")} />
          <DaysField label={t.paymentTerm} hint={t.paymentTermHint} {...field("paymentTermDays")} />
          <TextAreaField wide label={t.terms} hint={t.termsHint} {...field("terms")} />
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
    </section>
  );
}
