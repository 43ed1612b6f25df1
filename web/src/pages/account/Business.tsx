import { type FormEvent, useRef, useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/Button";
import { FailureNotice } from "@/components/FailureNotice";
import { TextField } from "@/components/Field";
import { RefusalsNotice } from "@/components/RefusalsNotice";
import { useToast } from "@/components/Toast";
import type { AccountQuery } from "@/graphql";
import { below, messageAt, type Refusals, useFocusOnRefusal } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { account } from "@/i18n/account";
import { common } from "@/i18n/common";
import { useMay } from "@/layout/viewer";
import { UPDATE_ACCOUNT } from "./documents";

export type Settings = AccountQuery["viewer"]["account"];

/** The name and RUC of the business, as its invoices show them. */
export function Business({ account: settings }: { account: Settings }) {
  const t = useMessages(account);
  const words = useMessages(common);
  const toast = useToast();
  const isAdmin = useMay("ADMIN");
  const form = useRef<HTMLFormElement>(null);
  const [value, setValue] = useState({
    name: settings.name,
    ruc: settings.ruc ?? "",
    dv: settings.dv ?? "",
  });
  const [{ fetching, error }, update] = useMutation(UPDATE_ACCOUNT);
  const [refusals, setRefusals] = useState<Refusals>([]);
  useFocusOnRefusal(form, refusals);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (fetching) return;
    const { name, ruc, dv } = value;
    const { data } = await update({ input: { name, ruc: ruc.trim() || null, dv: dv.trim() || null } });
    if (!data) return;
    setRefusals(below(data.updateAccount.userErrors, "input"));
    const stored = data.updateAccount.account;
    if (!stored) return;
    setValue({ name: stored.name, ruc: stored.ruc ?? "", dv: stored.dv ?? "" });
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
