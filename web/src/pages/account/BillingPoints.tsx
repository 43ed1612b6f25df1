import { type FormEvent, useRef, useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import { FailureNotice } from "@/components/FailureNotice";
import { TextField } from "@/components/Field";
import { RefusalsNotice } from "@/components/RefusalsNotice";
import { Notice } from "@/components/states";
import { Table } from "@/components/Table";
import { useToast } from "@/components/Toast";
import { messageAt, type Refusals, useFocusOnRefusal } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { account } from "@/i18n/account";
import { common } from "@/i18n/common";
import { useMay } from "@/layout/viewer";
import type { Settings } from "./Business";
import { CREATE_BILLING_POINT } from "./documents";

export function BillingPoints({ points }: { points: Settings["billingPoints"] }) {
  const t = useMessages(account);
  const isAdmin = useMay("ADMIN");
  const [adding, setAdding] = useState(false);
  return (
    <section className="card" aria-labelledby="billing-points">
      <div className="section-header">
        <h2 id="billing-points">{t.billingPoints}</h2>
        {isAdmin && <Button onClick={() => setAdding(true)}>{t.newPoint}</Button>}
      </div>
      <p className="muted">{t.billingPointsHint}</p>
      <Table
        caption={t.billingPoints}
        rows={points}
        keyOf={({ code }) => code}
        columns={[
          { key: "code", header: t.code, cell: ({ code }) => <strong className="numeric">{code}</strong> },
          { key: "name", header: t.pointName, cell: ({ name }) => name ?? "—" },
          {
            key: "last",
            header: t.lastNumber,
            cell: ({ lastNumber }) => <span className="numeric">{lastNumber ?? t.noNumber}</span>,
          },
        ]}
      />
      {adding && <NewPointDialog onClose={() => setAdding(false)} />}
    </section>
  );
}

function NewPointDialog({ onClose }: { onClose: () => void }) {
  const t = useMessages(account);
  const words = useMessages(common);
  const toast = useToast();
  const form = useRef<HTMLFormElement>(null);
  const [code, setCode] = useState("");
  const [name, setName] = useState("");
  const [{ fetching, error }, create] = useMutation(CREATE_BILLING_POINT);
  const [refusals, setRefusals] = useState<Refusals>([]);
  useFocusOnRefusal(form, refusals);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (fetching) return;
    const { data } = await create({ code: code.trim(), name: name.trim() || null });
    if (!data) return;
    const { billingPoint, userErrors } = data.createBillingPoint;
    setRefusals(userErrors);
    if (!billingPoint) return;
    toast(t.pointCreated(billingPoint.code));
    onClose();
  }

  return (
    <Dialog title={t.newPoint} onClose={onClose}>
      <form ref={form} noValidate className="dialog-form" onSubmit={submit}>
        <Notice>{t.pointWarning}</Notice>
        <TextField
          label={t.code}
          hint={t.codeHint}
          required
          inputMode="numeric"
          autoComplete="off"
          value={code}
          onChange={setCode}
          error={messageAt(refusals, "code")}
        />
        <TextField
          label={t.pointName}
          autoComplete="off"
          value={name}
          onChange={setName}
          error={messageAt(refusals, "name")}
        />
        <RefusalsNotice refusals={refusals} />
        <FailureNotice error={error} />
        <div className="actions">
          <Button type="submit" kind="primary" busy={fetching}>
            {t.createPoint}
          </Button>
          <Button onClick={onClose}>{words.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}
