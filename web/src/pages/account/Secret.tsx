import { useRef, useState } from "react";
import { Button } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import { Field } from "@/components/Field";
import { Notice } from "@/components/states";
import { useMessages } from "@/i18n";
import { account } from "@/i18n/account";

/** Shows a secret, once. Only its button closes it, so that nobody loses the secret by accident. */
export function SecretDialog({
  title,
  secret,
  onClose,
}: {
  title: string;
  secret: string;
  onClose: () => void;
}) {
  const t = useMessages(account);
  const input = useRef<HTMLInputElement>(null);
  const [message, setMessage] = useState<string>();

  async function copy() {
    try {
      await navigator.clipboard.writeText(secret);
      setMessage(t.copied);
    } catch {
      input.current?.select();
      setMessage(t.copyFailed);
    }
  }

  return (
    <Dialog title={title}>
      <Notice kind="warning">{t.secretOnce}</Notice>
      <Field label={t.secret}>
        {(control) => (
          <div className="with-button">
            <input
              {...control}
              ref={input}
              className="input secret"
              readOnly
              value={secret}
              onFocus={(event) => event.target.select()}
            />
            <Button onClick={copy}>{t.copy}</Button>
          </div>
        )}
      </Field>
      <p className="muted small" role="status">
        {message}
      </p>
      <div className="actions">
        <Button kind="primary" onClick={onClose}>
          {t.done}
        </Button>
      </div>
    </Dialog>
  );
}
