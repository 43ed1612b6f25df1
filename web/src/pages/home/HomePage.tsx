import "./home.css";
import { useEffect } from "react";
import { useQuery } from "urql";
import { ButtonLink } from "@/components/Button";
import { EmptyState, ErrorState, Loading } from "@/components/states";
import { useTitle } from "@/components/useTitle";
import type { OverviewQuery } from "@/graphql";
import { useMessages } from "@/i18n";
import { useFormats } from "@/i18n/format";
import { home } from "@/i18n/home";
import { useMay } from "@/layout/viewer";
import { Attention } from "./Attention";
import { BestCustomers } from "./BestCustomers";
import { OVERVIEW } from "./documents";
import { Overdue } from "./Overdue";
import { Sales } from "./Sales";

export type Figures = OverviewQuery["overview"]["currencies"][number];

/** How the business is doing, and what somebody must do. */
export function HomePage() {
  const t = useMessages(home);
  const format = useFormats();
  const mayWrite = useMay("WRITE");
  const [{ data, error }, load] = useQuery({ query: OVERVIEW, requestPolicy: "cache-and-network" });
  useTitle(t.title);
  // Whoever comes back to the tab sees today's figures, not yesterday's.
  useEffect(() => {
    const reload = () => {
      if (document.visibilityState === "visible") load({ requestPolicy: "network-only" });
    };
    document.addEventListener("visibilitychange", reload);
    return () => document.removeEventListener("visibilitychange", reload);
  }, [load]);
  if (!data) return error ? <ErrorState error={error} onRetry={load} /> : <Loading />;
  const { overview } = data;
  const isSingle = overview.currencies.length === 1;
  return (
    <div className="page">
      <div className="page-header">
        <div>
          <h1>{t.title}</h1>
          <p className="muted">{t.today(format.date(overview.today))}</p>
        </div>
        {mayWrite && (
          <div className="actions">
            <ButtonLink href="/facturas/nueva" kind="primary">
              {t.newInvoice}
            </ButtonLink>
            <ButtonLink href="/clientes/nuevo">{t.newCustomer}</ButtonLink>
          </div>
        )}
      </div>
      <Attention overview={overview} />
      {overview.currencies.length === 0 && (
        <EmptyState title={t.empty}>
          <p>{t.emptyHint}</p>
        </EmptyState>
      )}
      {overview.currencies.map((figures) => (
        <section key={figures.currency} className="figures" aria-label={t.currencies[figures.currency]}>
          {!isSingle && <h2>{t.currencies[figures.currency]}</h2>}
          <Sales figures={figures} />
          <div className="figures-pair">
            <Overdue figures={figures} today={overview.today} />
            <BestCustomers figures={figures} />
          </div>
        </section>
      ))}
    </div>
  );
}
