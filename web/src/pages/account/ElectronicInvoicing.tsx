import { useMutation, useQuery } from "urql";
import { Link } from "wouter";
import { Button } from "@/components/Button";
import { Badge, Notice } from "@/components/states";
import { FailureNotice } from "@/components/FailureNotice";
import { useMessages } from "@/i18n";
import { account } from "@/i18n/account";
import { useFormats } from "@/i18n/format";
import { useMay } from "@/layout/viewer";
import { INCOMPLETE_CUSTOMERS, UPDATE_ACCOUNT } from "./documents";

export function ElectronicInvoicing({ isOn }: { isOn: boolean }) {
  const t = useMessages(account);
  const format = useFormats();
  const isAdmin = useMay("ADMIN");
  const [{ data }] = useQuery({ query: INCOMPLETE_CUSTOMERS });
  const [{ fetching, error }, update] = useMutation(UPDATE_ACCOUNT);
  const incomplete = data?.customers.totalCount ?? 0;
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
      <p className="muted">{t.electronicInvoicingHint}</p>
      {incomplete > 0 && (
        <Notice kind={isOn ? "warning" : "info"}>
          <p>
            {t.incomplete(format.count(incomplete), incomplete)}{" "}
            <Link href="/clientes?incompletos=1">{t.seeIncomplete}</Link>
          </p>
        </Notice>
      )}
      <FailureNotice error={error} />
    </section>
  );
}
