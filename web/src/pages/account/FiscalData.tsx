import { type FormEvent, useRef, useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/Button";
import { FailureNotice } from "@/components/FailureNotice";
import { SelectField } from "@/components/Field";
import { RefusalsNotice } from "@/components/RefusalsNotice";
import { useToast } from "@/components/Toast";
import type { PaymentMethod, SaleType, TaxpayerType } from "@/graphql";
import { atInput, messageAt, type Refusals, useFocusOnRefusal } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { account } from "@/i18n/account";
import { common } from "@/i18n/common";
import { PAYMENT_METHODS, paymentMethods } from "@/i18n/payment";
import { useMay } from "@/layout/viewer";
import type { Settings } from "./Business";
import { UPDATE_ACCOUNT } from "./documents";

const TYPES: TaxpayerType[] = ["NATURAL", "JURIDICAL"];
const SALE_TYPES: SaleType[] = ["ORDINARY", "FIXED_ASSET", "REAL_ESTATE", "SERVICE"];
/** Credit needs a due date and another form a description, so neither can be the usual one. */
const USUAL_METHODS = PAYMENT_METHODS.filter((method) => method !== "CREDIT" && method !== "OTHER");

interface FiscalForm {
  taxpayerType: TaxpayerType | "";
  paymentMethod: PaymentMethod;
  saleType: SaleType;
}

/** What electronic invoices say of the business and of the sale, where they don't say it themselves. */
export function FiscalData({ account: settings }: { account: Settings }) {
  const t = useMessages(account);
  const words = useMessages(common);
  const methods = useMessages(paymentMethods);
  const toast = useToast();
  const isAdmin = useMay("ADMIN");
  const form = useRef<HTMLFormElement>(null);
  const [changes, setChanges] = useState<Partial<FiscalForm>>({});
  const [{ fetching, error }, update] = useMutation(UPDATE_ACCOUNT);
  const [refusals, setRefusals] = useState<Refusals>([]);
  useFocusOnRefusal(form, refusals);
  const { paymentMethod, saleType } = settings;
  const value: FiscalForm = {
    taxpayerType: settings.taxpayerType ?? "",
    paymentMethod,
    saleType,
    ...changes,
  };

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (fetching) return;
    const { taxpayerType, ...others } = changes;
    const input = { ...others, ...(taxpayerType !== undefined && { taxpayerType: taxpayerType || null }) };
    const { data } = await update({ input });
    if (!data) return;
    setRefusals(atInput(data.updateAccount.userErrors));
    if (!data.updateAccount.account) return;
    setChanges({});
    toast(t.saved);
  }

  const field = <Name extends keyof FiscalForm>(name: Name) => ({
    value: value[name],
    onChange: (chosen: FiscalForm[Name]) => setChanges((before) => ({ ...before, [name]: chosen })),
    error: messageAt(refusals, name),
    disabled: !isAdmin,
  });

  return (
    <form
      ref={form}
      noValidate
      className="account-form section-part"
      aria-labelledby="fiscal-data"
      onSubmit={submit}
    >
      <h3 id="fiscal-data">{t.fiscalData}</h3>
      <div className="form-grid">
        <SelectField
          label={t.taxpayerType}
          hint={t.taxpayerTypeHint}
          options={[["", t.byRuc], ...TYPES.map((type) => [type, t.taxpayerTypes[type]] as const)]}
          {...field("taxpayerType")}
        />
        <SelectField
          label={t.paymentMethod}
          hint={t.paymentMethodHint}
          options={USUAL_METHODS.map((method) => [method, methods[method]] as const)}
          {...field("paymentMethod")}
        />
        <SelectField
          label={t.saleType}
          options={SALE_TYPES.map((type) => [type, t.saleTypes[type]] as const)}
          {...field("saleType")}
        />
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
  );
}
