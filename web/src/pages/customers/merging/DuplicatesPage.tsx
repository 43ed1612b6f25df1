import "../customers.css";
import "./merging.css";
import { useMemo, useState } from "react";
import { useMutation, useQuery } from "urql";
import { Link } from "wouter";
import { Button, ButtonLink } from "@/components/Button";
import { Badge, EmptyState, ErrorState, Loading } from "@/components/states";
import { useToast } from "@/components/Toast";
import { useTitle } from "@/components/useTitle";
import { useErrorText } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { formatPhone, useFormats } from "@/i18n/format";
import { merging } from "@/i18n/merging";
import { useMay } from "@/layout/viewer";
import { CustomerTabs } from "../CustomerTabs";
import { type Candidate, DUPLICATE_CANDIDATES, KEEP_APART } from "./documents";
import { Merges } from "./Merges";

/** Customers that may be the same, and those that were merged lately. */
export function DuplicatesPage() {
  const t = useMessages(merging);
  const [pages, setPages] = useState<(string | null)[]>([null]);
  useTitle(t.title);
  return (
    <div className="page">
      <div className="page-header">
        <div>
          <h1>{t.title}</h1>
          <p className="muted">{t.hint}</p>
        </div>
      </div>
      <CustomerTabs />
      {pages.map((after, index) => (
        <Candidates
          key={after}
          after={after}
          isFirst={index === 0}
          isLast={index === pages.length - 1}
          onMore={(next) => setPages([...pages, next])}
        />
      ))}
      <Merges />
    </div>
  );
}

function Candidates({
  after,
  isFirst,
  isLast,
  onMore,
}: {
  after: string | null;
  isFirst: boolean;
  isLast: boolean;
  onMore: (after: string) => void;
}) {
  const t = useMessages(merging);
  const [{ data, error }, load] = useQuery({
    query: DUPLICATE_CANDIDATES,
    variables: { after },
    requestPolicy: "cache-and-network",
    context: useMemo(() => ({ additionalTypenames: ["Customer"] }), []),
  });
  if (error && !data) return <ErrorState error={error} onRetry={() => load()} />;
  if (!data) return <Loading />;
  const { edges, pageInfo } = data.duplicateCandidates;
  const more = isLast && pageInfo.hasNextPage && pageInfo.endCursor;
  return (
    <>
      {edges.map(({ node }) => (
        <Group key={node.customer.id} candidate={node} />
      ))}
      {edges.length === 0 && more && <p className="muted">{t.noneYet}</p>}
      {edges.length === 0 && isFirst && !pageInfo.hasNextPage && (
        <EmptyState title={t.none}>
          <p>{t.noneHint}</p>
        </EmptyState>
      )}
      {more && (
        <div className="actions">
          <Button onClick={() => onMore(more)}>{t.more}</Button>
        </div>
      )}
    </>
  );
}

function Group({ candidate: { customer, matches } }: { candidate: Candidate }) {
  const t = useMessages(merging);
  const mayWrite = useMay("WRITE");
  const ids = [customer.id, ...matches.map((match) => match.customer.id)];
  return (
    <section className="card duplicates" aria-label={customer.name}>
      <ul>
        <li>
          <Summary customer={customer} />
        </li>
        {matches.map((match) => (
          <li key={match.customer.id}>
            <Summary customer={match.customer} />
            <p className="reasons">
              {match.reasons.map((reason) => (
                <Badge key={reason} kind={reason === "SAME_IDENTIFICATION" ? "accent" : "neutral"}>
                  {t.reasons[reason]}
                </Badge>
              ))}
            </p>
            {mayWrite && <KeepApart one={customer} other={match.customer} />}
          </li>
        ))}
      </ul>
      {mayWrite && (
        <ButtonLink href={`/clientes/unificar?ids=${ids.join(",")}`}>
          {t.compare} <span className="visually-hidden">{customer.name}</span>
        </ButtonLink>
      )}
    </section>
  );
}

function KeepApart({ one, other }: { one: Candidate["customer"]; other: Candidate["customer"] }) {
  const t = useMessages(merging);
  const toast = useToast();
  const errorText = useErrorText();
  const [{ fetching }, keepApart] = useMutation(KEEP_APART);

  async function keep() {
    const { data, error } = await keepApart({ ids: [one.id, other.id] });
    const refusal = data?.keepCustomersApart.userErrors[0]?.message;
    toast(error ? errorText(error) : (refusal ?? t.keptApart));
  }

  return (
    <Button busy={fetching} aria-label={t.differentNames(one.name, other.name)} onClick={() => void keep()}>
      {t.different}
    </Button>
  );
}

function Summary({ customer }: { customer: Candidate["customer"] }) {
  const t = useMessages(merging);
  const formats = useFormats();
  const phone = customer.phone ?? customer.mobile;
  const details = [customer.identification, phone && formatPhone(phone), customer.email];
  return (
    <>
      <h2>
        <Link href={`/clientes/${customer.id}`}>{customer.name}</Link>
      </h2>
      <p>{details.filter(Boolean).join(" · ")}</p>
      <p className="muted small">
        {t.invoices(customer.invoiceCount)} · {t.registered(formats.moment(customer.createdAt))}
      </p>
    </>
  );
}
