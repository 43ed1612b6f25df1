import { Link } from "wouter";
import { Notice } from "@/components/states";
import type { EmissionOverviewFragment } from "@/graphql";
import { useMessages } from "@/i18n";
import { emission } from "@/i18n/emission";
import { useFormats } from "@/i18n/format";

/** In what the provider and Istmo differ, each with what to do about it. */
export function Differences({ differences }: { differences: EmissionOverviewFragment["differences"] }) {
  const t = useMessages(emission);
  const format = useFormats();
  return (
    <section className="card emission-card" aria-labelledby="differences">
      <h2 id="differences">{t.differences}</h2>
      <p className="muted">{t.differencesText}</p>
      <ul className="differences">
        {differences.map(({ kind, subject, documentId, message, since }) => (
          <li key={`${kind} ${subject}`}>
            <Notice kind="warning">
              <p>{message}</p>
              <p className="small">
                {t.since(format.moment(since))}{" "}
                {documentId && <Link href={`/facturas/${documentId}`}>{t.seeInvoice}</Link>}
              </p>
            </Notice>
          </li>
        ))}
      </ul>
    </section>
  );
}
