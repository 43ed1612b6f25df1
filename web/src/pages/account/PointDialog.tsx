import { type FormEvent, useRef, useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import { FailureNotice } from "@/components/FailureNotice";
import { TextField } from "@/components/Field";
import { RefusalsNotice } from "@/components/RefusalsNotice";
import { Notice } from "@/components/states";
import { useToast } from "@/components/Toast";
import { messageAt, type Refusals, useFocusOnRefusal } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { account } from "@/i18n/account";
import { common } from "@/i18n/common";
import type { Settings } from "./Business";
import { CREATE_BILLING_POINT, UPDATE_BILLING_POINT } from "./documents";

export type Point = Settings["billingPoints"][number];

/** Creates a billing point, or changes one. Its numbers may begin anywhere until it has issued an invoice. */
export function PointDialog({
  branch,
  point,
  title,
  onClose,
}: {
  /** The code of its branch. */
  branch: string;
  point: Point | undefined;
  title: string;
  onClose: () => void;
}) {
  const t = useMessages(account);
  const words = useMessages(common);
  const toast = useToast();
  const form = useRef<HTMLFormElement>(null);
  const [code, setCode] = useState(point?.code ?? "");
  const [name, setName] = useState(point?.name ?? "");
  const [number, setNumber] = useState(point?.nextNumber ?? "");
  const [creating, create] = useMutation(CREATE_BILLING_POINT);
  const [updating, update] = useMutation(UPDATE_BILLING_POINT);
  const [refusals, setRefusals] = useState<Refusals>([]);
  const isBusy = creating.fetching || updating.fetching;
  useFocusOnRefusal(form, refusals);

  async function send() {
    const named = { branch, code: code.trim(), name: name.trim() || null };
    if (!point) {
      const { data } = await create({ ...named, firstNumber: number.trim() || null });
      return data?.createBillingPoint;
    }
    const nextNumber = number.trim() === point.nextNumber ? null : number.trim() || null;
    const { data } = await update({ ...named, nextNumber, version: point.version });
    return data?.updateBillingPoint;
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (isBusy) return;
    const payload = await send();
    if (!payload) return;
    setRefusals(
      payload.userErrors.map((each) => (each.path[0] === "version" ? { ...each, path: [] } : each)),
    );
    if (!payload.billingPoint) return;
    toast((point ? t.pointSaved : t.pointCreated)(payload.billingPoint.code));
    onClose();
  }

  return (
    <Dialog title={title} onClose={onClose}>
      <form ref={form} noValidate className="dialog-form" onSubmit={submit}>
        {!point && (
          <>
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
          </>
        )}
        <TextField
          label={t.pointName}
          autoComplete="off"
          value={name}
          onChange={setName}
          error={messageAt(refusals, "name")}
        />
        {!point?.lastNumber && (
          <TextField
            label={point ? t.nextNumber : t.firstNumber}
            hint={point ? t.nextNumberHint : t.firstNumberHint}
            inputMode="numeric"
            autoComplete="off"
            value={number}
            onChange={setNumber}
            error={messageAt(refusals, point ? "nextNumber" : "firstNumber")}
          />
        )}
        <RefusalsNotice refusals={refusals} />
        <FailureNotice error={creating.error ?? updating.error} />
        <div className="actions">
          <Button type="submit" kind="primary" busy={isBusy}>
            {point ? words.save : t.createPoint}
          </Button>
          <Button onClick={onClose}>{words.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}
