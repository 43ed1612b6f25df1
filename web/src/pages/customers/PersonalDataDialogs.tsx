import { type FormEvent, type ReactNode, useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/Button";
import { ChoiceField } from "@/components/ChoiceField";
import { DateField } from "@/components/DateField";
import { readDate, today, writeDate } from "@/components/dates";
import { Dialog } from "@/components/Dialog";
import { CheckboxField, TextAreaField } from "@/components/Field";
import { Notice } from "@/components/states";
import { useToast } from "@/components/Toast";
import type { PersonalDataRequestKind } from "@/graphql";
import { messageAt, type Refusals, useErrorText } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { personalData } from "@/i18n/personalData";
import type { Customer } from "./documents";
import {
  ERASE_PERSONAL_DATA,
  type PersonalDataRequest,
  REFUSE_REQUEST,
  REGISTER_REQUEST,
} from "./personalDataDocuments";

const NO_REFUSALS: Refusals = [];

type Closing = { onDone: () => void; onClose: () => void };

function FormDialog({
  title,
  label,
  kind,
  busy,
  disabled = false,
  problem,
  onSubmit,
  onClose,
  children,
}: {
  title: string;
  label: string;
  kind: "primary" | "danger";
  busy: boolean;
  disabled?: boolean;
  problem: string | undefined;
  onSubmit: () => Promise<void>;
  onClose: () => void;
  children: ReactNode;
}) {
  const words = useMessages(common);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!busy && !disabled) void onSubmit();
  }

  return (
    <Dialog title={title} onClose={onClose}>
      <form noValidate onSubmit={submit} className="dialog-form">
        {problem && (
          <Notice kind="danger" role="alert">
            {problem}
          </Notice>
        )}
        {children}
        <div className="actions">
          <Button type="submit" kind={kind} busy={busy} disabled={disabled}>
            {label}
          </Button>
          <Button onClick={onClose}>{words.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Writes down what a person asks for, and on which day that came. */
export function RegisterDialog({ customer, onDone, onClose }: Closing & { customer: Customer }) {
  const t = useMessages(personalData);
  const toast = useToast();
  const errorText = useErrorText();
  const [kind, setKind] = useState<PersonalDataRequestKind>("EXPORT");
  const [day, setDay] = useState(() => writeDate(today()));
  const [{ fetching, data, error }, register] = useMutation(REGISTER_REQUEST);
  const refusals = data?.registerPersonalDataRequest.userErrors ?? NO_REFUSALS;
  const receivedOn = readDate(day);

  async function submit() {
    const made = await register({ id: customer.id, kind, receivedOn: receivedOn || null });
    if (!made.data?.registerPersonalDataRequest.request) return;
    toast(t.registered);
    onDone();
    onClose();
  }

  const general = messageAt(refusals, "kind") ?? messageAt(refusals, "customerId");
  return (
    <FormDialog
      title={t.registerTitle}
      label={t.register}
      kind="primary"
      busy={fetching}
      disabled={receivedOn === undefined}
      problem={error ? errorText(error) : general}
      onSubmit={submit}
      onClose={onClose}
    >
      <ChoiceField
        label={t.kind}
        value={kind}
        onChange={setKind}
        options={(["EXPORT", "ERASURE"] as const).map((each) => [each, t.kinds[each]] as const)}
      />
      <DateField
        label={t.receivedOn}
        value={day}
        onChange={setDay}
        error={messageAt(refusals, "receivedOn")}
      />
    </FormDialog>
  );
}

/** Refuses a request, with a reason. */
export function RefuseDialog({ request, onDone, onClose }: Closing & { request: PersonalDataRequest }) {
  const t = useMessages(personalData);
  const toast = useToast();
  const errorText = useErrorText();
  const [reason, setReason] = useState("");
  const [{ fetching, data, error }, refuse] = useMutation(REFUSE_REQUEST);
  const refusals = data?.refusePersonalDataRequest.userErrors ?? NO_REFUSALS;

  async function submit() {
    const made = await refuse({ id: request.id, reason });
    if (!made.data?.refusePersonalDataRequest.request) return;
    toast(t.refused);
    onDone();
    onClose();
  }

  return (
    <FormDialog
      title={t.refuseTitle}
      label={t.refuseConfirm}
      kind="danger"
      busy={fetching}
      problem={error ? errorText(error) : messageAt(refusals, "id")}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextAreaField
        label={t.reason}
        required
        hint={t.reasonHint}
        value={reason}
        onChange={setReason}
        error={messageAt(refusals, "reason")}
      />
    </FormDialog>
  );
}

/** Erases a person's data, once somebody has said why, and that they know it can't be undone. */
export function EraseDialog({ customer, onDone, onClose }: Closing & { customer: Customer }) {
  const t = useMessages(personalData);
  const toast = useToast();
  const errorText = useErrorText();
  const [reason, setReason] = useState("");
  const [understood, setUnderstood] = useState(false);
  const [{ fetching, data, error }, erase] = useMutation(ERASE_PERSONAL_DATA);
  const refusals = data?.erasePersonalData.userErrors ?? NO_REFUSALS;

  async function submit() {
    // Lists of documents have lost the drafts.
    const { id, version } = customer;
    const made = await erase({ id, reason, version }, { additionalTypenames: ["Customer", "Invoice"] });
    if (!made.data?.erasePersonalData.request) return;
    toast(t.erased);
    onDone();
    onClose();
  }

  return (
    <FormDialog
      title={t.eraseTitle}
      label={t.eraseConfirm}
      kind="danger"
      busy={fetching}
      disabled={!understood}
      problem={
        error ? errorText(error) : (messageAt(refusals, "customerId") ?? messageAt(refusals, "version"))
      }
      onSubmit={submit}
      onClose={onClose}
    >
      <p>{t.eraseText(customer.name)}</p>
      <p>{t.eraseKept}</p>
      <TextAreaField
        label={t.reason}
        required
        hint={t.reasonHint}
        value={reason}
        onChange={setReason}
        error={messageAt(refusals, "reason")}
      />
      <CheckboxField label={t.understood} checked={understood} onChange={setUnderstood} />
    </FormDialog>
  );
}
