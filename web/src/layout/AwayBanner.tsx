import { useEffect } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { graphql } from "@/graphql";
import { useMessages } from "@/i18n";
import { emission } from "@/i18n/emission";
import { useFormats } from "@/i18n/format";

const PAUSE = 120_000; // milliseconds

const PROVIDER_AWAY = graphql(/* GraphQL */ `
  query ProviderAway {
    emissionStatus {
      away
      awaySince
    }
  }
`);

/** Says on each page of an electronic account that its provider doesn't answer, while it doesn't. */
export function AwayBanner() {
  const t = useMessages(emission);
  const format = useFormats();
  const [{ data }, load] = useQuery({ query: PROVIDER_AWAY });
  useEffect(() => {
    const reload = () => {
      if (document.visibilityState === "visible") load({ requestPolicy: "network-only" });
    };
    const timer = setInterval(reload, PAUSE);
    document.addEventListener("visibilitychange", reload);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", reload);
    };
  }, [load]);
  const { away, awaySince } = data?.emissionStatus ?? { away: false, awaySince: null };
  return (
    <section className="away" aria-label={t.awayTitle} hidden={!away}>
      <p role="status">
        {away && (
          <>
            <strong>{t.awayTitle}.</strong> {t.awayText} {awaySince && t.awaySince(format.moment(awaySince))}{" "}
            <Link href="/facturacion-electronica">{t.seeDetails}</Link>
          </>
        )}
      </p>
    </section>
  );
}
