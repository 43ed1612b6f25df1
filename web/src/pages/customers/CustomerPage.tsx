import "./customers.css";
import { type ReactNode, useState } from "react";
import { useMutation, useQuery } from "urql";
import { Link } from "wouter";
import { Button, ButtonLink } from "@/components/Button";
import { Badge, ErrorState, Loading, Notice } from "@/components/states";
import { useToast } from "@/components/Toast";
import { useTitle } from "@/components/useTitle";
import type { CustomerQuery } from "@/graphql";
import { type Refusals, useErrorText } from "@/graphql/errors";
import { useLive } from "@/graphql/useLive";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { phone, useFormats } from "@/i18n/format";
import { useMay } from "@/layout/viewer";
import { NotFoundPage } from "@/pages/NotFoundPage";
import { CustomerInvoices } from "./CustomerInvoices";
import { ARCHIVE_CUSTOMER, CUSTOMER, CUSTOMER_CHANGED, RESTORE_CUSTOMER } from "./documents";
import { useCountryName } from "./form/countries";

export type ShownCustomer = NonNullable<CustomerQuery["customer"]>;

export function CustomerPage({ id }: { id: string }) {
  const [{ data, error }, reload] = useQuery({ query: CUSTOMER, variables: { id } });
  useLive(CUSTOMER_CHANGED, { id }, () => reload({ requestPolicy: "network-only" }));
  if (error && !data) return <ErrorState error={error} onRetry={reload} />;
  if (!data) return <Loading />;
  if (!data.customer) return <NotFoundPage />;
  return <Details customer={data.customer} />;
}

function Details({ customer }: { customer: ShownCustomer }) {
  const t = useMessages(customers);
  const formats = useFormats();
  const countryName = useCountryName();
  useTitle(customer.name);
  const { location, verification, foreignId } = customer;
  const rows: [string, ReactNode][] = [
    [t.fields.receiverType, t.receiverTypes[customer.receiverType]],
    [t.fields.taxpayerType, customer.taxpayerType && t.taxpayerTypes[customer.taxpayerType]],
    [t.fields.ruc, customer.ruc],
    [t.fields.dv, customer.dv],
    [
      t.fields.foreignId,
      foreignId &&
        `${t.foreignIdTypes[foreignId.type]} ${foreignId.number}, ${countryName(foreignId.country)}`,
    ],
    [t.fields.place, location && `${location.corregimiento}, ${location.district}, ${location.province}`],
    [t.fields.address, customer.address],
    [t.fields.email, customer.email && <a href={`mailto:${customer.email}`}>{customer.email}</a>],
    [t.fields.phone, customer.phone && <PhoneLink number={customer.phone} />],
    [t.fields.mobile, customer.mobile && <PhoneLink number={customer.mobile} />],
  ];
  return (
    <div className="page">
      <nav aria-label={t.breadcrumb} className="small">
        <Link href="/clientes">← {t.title}</Link>
      </nav>
      <div className="page-header">
        <div>
          <h1>{customer.name}</h1>
          <p className="muted customer-line">
            {customer.identification || t.noIdentification}
            {customer.status === "ARCHIVED" && <Badge>{t.archived}</Badge>}
          </p>
        </div>
        <CustomerActions customer={customer} />
      </div>
      <div className="customer-columns">
        <section className="card" aria-labelledby="data">
          <h2 id="data">{t.data}</h2>
          <dl className="details">
            {rows
              .filter(([, value]) => Boolean(value))
              .map(([label, value]) => (
                <div key={label}>
                  <dt>{label}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
          </dl>
          <p className="muted small">
            {t.registered(formats.moment(customer.createdAt))} ·{" "}
            {t.changed(formats.moment(customer.updatedAt))}
          </p>
        </section>
        <div className="customer-side">
          {customer.ruc && (
            <section className="card" aria-labelledby="verification">
              <h2 id="verification">{t.verification}</h2>
              <VerificationText verification={verification} />
            </section>
          )}
          {customer.associatedPersons.length > 0 && (
            <section className="card" aria-labelledby="persons">
              <h2 id="persons">{t.fields.associatedPersons}</h2>
              <ul className="person-list">
                {customer.associatedPersons.map((person) => (
                  <li key={person.id}>
                    <strong>{person.name}</strong>{" "}
                    {person.notify && <Badge kind="accent">{t.notified}</Badge>}
                    <span className="block">
                      {person.email && <a href={`mailto:${person.email}`}>{person.email}</a>}{" "}
                      {person.phone && <PhoneLink number={person.phone} />}
                    </span>
                  </li>
                ))}
              </ul>
            </section>
          )}
        </div>
      </div>
      <CustomerInvoices customer={customer} />
    </div>
  );
}

function PhoneLink({ number }: { number: string }) {
  return <a href={`tel:${number}`}>{phone(number)}</a>;
}

function VerificationText({ verification }: Pick<ShownCustomer, "verification">) {
  const t = useMessages(customers);
  const formats = useFormats();
  const { status, checkedAt, registryName } = verification;
  const kind =
    status === "VERIFIED"
      ? "success"
      : status === "MISMATCH" || status === "NOT_FOUND"
        ? "warning"
        : "neutral";
  return (
    <div className="verification">
      <p>
        <Badge kind={kind}>{t.verifications[status]}</Badge>
      </p>
      <p>{t.verificationTexts[status]}</p>
      {registryName && status === "MISMATCH" && <p>{t.inRegistry(registryName)}</p>}
      {checkedAt && <p className="muted small">{t.checked(formats.moment(checkedAt))}</p>}
    </div>
  );
}

/** Edit, archive or restore, invoice. */
function CustomerActions({ customer }: { customer: ShownCustomer }) {
  const t = useMessages(customers);
  const toast = useToast();
  const errorText = useErrorText();
  const mayWrite = useMay("WRITE");
  const [archiving, archive] = useMutation(ARCHIVE_CUSTOMER);
  const [restoring, restore] = useMutation(RESTORE_CUSTOMER);
  const [refusals, setRefusals] = useState<Refusals>([]);
  const error = archiving.error ?? restoring.error;
  if (!mayWrite) return null;

  async function putAway() {
    const { data } = await archive({ id: customer.id });
    setRefusals(data?.archiveCustomer.userErrors ?? []);
    if (data?.archiveCustomer.customer) toast(t.archivedToast);
  }
  async function putBack() {
    const { data } = await restore({ id: customer.id });
    setRefusals(data?.restoreCustomer.userErrors ?? []);
    if (data?.restoreCustomer.customer) toast(t.restoredToast);
  }

  return (
    <div className="customer-actions">
      <div className="actions">
        {customer.status === "ACTIVE" ? (
          <>
            <Button busy={archiving.fetching} onClick={putAway}>
              {t.archive}
            </Button>
            <ButtonLink href={`/clientes/${customer.id}/editar`}>{t.edit}</ButtonLink>
            <ButtonLink kind="primary" href={`/facturas/nueva?cliente=${customer.id}`}>
              {t.newInvoice}
            </ButtonLink>
          </>
        ) : (
          <>
            <ButtonLink href={`/clientes/${customer.id}/editar`}>{t.edit}</ButtonLink>
            <Button kind="primary" busy={restoring.fetching} onClick={putBack}>
              {t.restore}
            </Button>
          </>
        )}
      </div>
      {(refusals.length > 0 || error) && (
        <Notice kind="danger" role="alert">
          {error && <p>{errorText(error)}</p>}
          {refusals.map((refusal) => (
            <p key={refusal.message}>
              {refusal.message}{" "}
              {refusal.relatedId && <Link href={`/clientes/${refusal.relatedId}`}>{t.useExisting.open}</Link>}
            </p>
          ))}
        </Notice>
      )}
    </div>
  );
}
