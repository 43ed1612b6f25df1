import { type FormEvent, useRef, useState } from "react";
import { useMutation } from "urql";
import { Button } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import { FailureNotice } from "@/components/FailureNotice";
import { SelectField, TextField } from "@/components/Field";
import { RefusalsNotice } from "@/components/RefusalsNotice";
import { useToast } from "@/components/Toast";
import type { BranchType } from "@/graphql";
import { messageAt, type Refusals, useFocusOnRefusal } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { account } from "@/i18n/account";
import { common } from "@/i18n/common";
import { formatPhone } from "@/i18n/format";
import { LocationCombobox } from "@/pages/customers/form/LocationField";
import type { Branch } from "./Branches";
import { CREATE_BRANCH, UPDATE_BRANCH } from "./documents";

const TYPES: BranchType[] = ["RETAIL", "WHOLESALE"];

/** A branch as its form holds it. */
function toForm(branch: Branch | undefined) {
  return {
    name: branch?.name ?? "",
    address: branch?.address ?? "",
    phone: formatPhone(branch?.phone ?? ""),
    mobile: formatPhone(branch?.mobile ?? ""),
    email: branch?.email ?? "",
  };
}

/** Creates a branch, or changes one. */
export function BranchDialog({ branch, onClose }: { branch: Branch | undefined; onClose: () => void }) {
  const t = useMessages(account);
  const words = useMessages(common);
  const toast = useToast();
  const form = useRef<HTMLFormElement>(null);
  const [code, setCode] = useState(branch?.code ?? "");
  const [texts, setTexts] = useState(() => toForm(branch));
  const [type, setType] = useState<BranchType | "">(branch?.type ?? "");
  const [location, setLocation] = useState(branch?.location ?? null);
  const [creating, create] = useMutation(CREATE_BRANCH);
  const [updating, update] = useMutation(UPDATE_BRANCH);
  const [refusals, setRefusals] = useState<Refusals>([]);
  const isBusy = creating.fetching || updating.fetching;
  useFocusOnRefusal(form, refusals);

  async function send() {
    const input = {
      ...(Object.fromEntries(
        Object.entries(texts).map(([name, text]) => [name, text.trim() || null]),
      ) as Record<keyof typeof texts, string | null>),
      type: type || null,
      locationCode: location?.code ?? null,
    };
    if (!branch) return (await create({ input: { ...input, code: code.trim() } })).data?.createBranch;
    return (await update({ code: branch.code, input, version: branch.version })).data?.updateBranch;
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    const unresolved = form.current?.querySelector<HTMLElement>("[data-unresolved]");
    if (unresolved) return unresolved.focus();
    if (isBusy) return;
    const payload = await send();
    if (!payload) return;
    setRefusals(
      payload.userErrors.map((each) => ({
        ...each,
        path: each.path[0] === "input" ? each.path.slice(1) : [],
      })),
    );
    if (!payload.branch) return;
    toast((branch ? t.branchSaved : t.branchCreated)(payload.branch.code));
    onClose();
  }

  const field = (name: keyof typeof texts) => ({
    value: texts[name],
    onChange: (typed: string) => setTexts((before) => ({ ...before, [name]: typed })),
    error: messageAt(refusals, name),
    autoComplete: "off",
  });

  return (
    <Dialog title={branch ? t.editBranch(branch.code) : t.newBranch} wide onClose={onClose}>
      <form ref={form} noValidate className="dialog-form" onSubmit={submit}>
        <div className="form-grid">
          {!branch && (
            <TextField
              label={t.code}
              hint={t.branchCodeHint}
              required
              maxLength={4}
              autoComplete="off"
              value={code}
              onChange={setCode}
              error={messageAt(refusals, "code")}
            />
          )}
          <TextField label={t.branchName} {...field("name")} />
          <SelectField
            label={t.branchType}
            value={type}
            onChange={setType}
            options={[["", t.notSaid], ...TYPES.map((each) => [each, t.branchTypes[each]] as const)]}
            error={messageAt(refusals, "type")}
          />
        </div>
        <p className="muted">{t.branchDataHint}</p>
        <div className="form-grid">
          <TextField wide label={t.address} {...field("address")} />
          <LocationCombobox
            wide
            label={t.location}
            selected={location}
            onSelect={setLocation}
            error={messageAt(refusals, "locationCode")}
          />
          <TextField label={t.phone} type="tel" {...field("phone")} />
          <TextField label={t.mobile} type="tel" {...field("mobile")} />
          <TextField label={t.email} type="email" {...field("email")} />
        </div>
        <RefusalsNotice refusals={refusals} />
        <FailureNotice error={creating.error ?? updating.error} />
        <div className="actions">
          <Button type="submit" kind="primary" busy={isBusy}>
            {branch ? words.save : t.createBranch}
          </Button>
          <Button onClick={onClose}>{words.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}
