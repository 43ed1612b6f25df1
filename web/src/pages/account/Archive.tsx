import { useMessages } from "@/i18n";
import { account } from "@/i18n/account";

/** All of the account in one file. */
export function Archive() {
  const t = useMessages(account);
  return (
    <section className="card" aria-labelledby="archive">
      <h2 id="archive">{t.archive}</h2>
      <p className="muted">{t.archiveHint}</p>
      <p>
        <a className="button button-secondary" href="/account/archive.zip" download>
          {t.archiveDownload}
        </a>
      </p>
    </section>
  );
}
