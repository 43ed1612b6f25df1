import "./mailPreview.css";
import { useId } from "react";
import type { PreviewMailQuery } from "@/graphql";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";

export type Mail = PreviewMailQuery["previewMail"];

/** How a mail will read, and the files that it will have. */
export function MailPreview({ mail }: { mail: Mail }) {
  const t = useMessages(common);
  const id = useId();
  return (
    <section aria-labelledby={id} className="mail-preview">
      <h3 id={id}>{t.mailPreview}</h3>
      <p>
        <strong>{mail.subject}</strong>
      </p>
      <p className="mail-text">{mail.text}</p>
      <p className="muted small">{t.mailFiles(mail.files)}</p>
    </section>
  );
}
