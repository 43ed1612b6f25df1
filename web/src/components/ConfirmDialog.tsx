import { useState } from "react";
import { Button } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import { Notice } from "@/components/states";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";

/** Asks for confirmation; the harmless button has the focus. `onConfirm` returns what went wrong, if anything did; the dialog then stays open. */
export function ConfirmDialog({
  title,
  text,
  label,
  kind = "danger",
  onConfirm,
  onClose,
  children,
}: {
  title: string;
  text: string;
  label: string;
  kind?: "primary" | "danger";
  onConfirm: () => Promise<React.ReactNode | void>;
  onClose: () => void;
  children?: React.ReactNode;
}) {
  const t = useMessages(common);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<React.ReactNode>();

  async function confirm() {
    setBusy(true);
    const found = await onConfirm();
    setBusy(false);
    if (found) setProblem(found);
    else onClose();
  }

  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      {children}
      {problem && (
        <Notice kind="danger" role="alert">
          {problem}
        </Notice>
      )}
      <div className="actions">
        <Button kind={kind} busy={busy} onClick={confirm}>
          {label}
        </Button>
        <Button data-first-focus onClick={onClose}>
          {t.cancel}
        </Button>
      </div>
    </Dialog>
  );
}
