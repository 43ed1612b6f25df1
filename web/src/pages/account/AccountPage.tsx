import "./account.css";
import { useQuery } from "urql";
import { ErrorState, Loading, Notice } from "@/components/states";
import { useTitle } from "@/components/useTitle";
import { useMessages } from "@/i18n";
import { account } from "@/i18n/account";
import { useMay, useViewer } from "@/layout/viewer";
import { ApiKeys } from "./ApiKeys";
import { Archive } from "./Archive";
import { Branches } from "./Branches";
import { Business } from "./Business";
import { ACCOUNT } from "./documents";
import { ElectronicInvoicing } from "./ElectronicInvoicing";
import { Papers } from "./Papers";
import { MailTexts } from "./MailTexts";
import { Sessions } from "./Sessions";
import { Webhooks } from "./Webhooks";

// Without a provider there is none in the answer by whose type urql would know that one was set.
const CONTEXT = { additionalTypenames: ["PacSetting"] };

/** The settings of the business. A key without the scope ADMIN sees a part of them and changes nothing. */
export function AccountPage() {
  const t = useMessages(account);
  const { scope } = useViewer();
  const isAdmin = useMay("ADMIN");
  const [{ data, error }, reload] = useQuery({ query: ACCOUNT, context: CONTEXT });
  useTitle(t.title);
  if (!data) return error ? <ErrorState error={error} onRetry={reload} /> : <Loading />;
  const settings = data.viewer.account;
  return (
    <div className="page account">
      <h1>{t.title}</h1>
      {!isAdmin && <Notice>{t.readOnly(t.scopes[scope])}</Notice>}
      <Business key={settings.id} account={settings} />
      <Papers key={`papers ${settings.id}`} account={settings} />
      <MailTexts key={`mail-${settings.id}`} account={settings} />
      <ElectronicInvoicing account={settings} provider={data.pacSetting} />
      <Branches branches={settings.branches} points={settings.billingPoints} />
      {isAdmin && <ApiKeys />}
      <Sessions />
      {isAdmin && <Webhooks />}
      {isAdmin && <Archive />}
    </div>
  );
}
