import "./customers.css";
import "./merging/merging.css";
import { useQuery } from "urql";
import { Link, useLocation } from "wouter";
import { BackLink } from "@/components/list/BackLink";
import { useShortcut } from "@/components/shortcuts";
import { Badge, ErrorState, Loading, Notice } from "@/components/states";
import { useTitle } from "@/components/useTitle";
import { useLive } from "@/graphql/useLive";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { useFormats } from "@/i18n/format";
import { useMay } from "@/layout/viewer";
import { NotFoundPage } from "@/pages/NotFoundPage";
import { CustomerActions } from "./CustomerActions";
import { CustomerDocuments } from "./CustomerDocuments";
import { CUSTOMER, CUSTOMER_CHANGED, type Customer } from "./documents";
import { CUSTOMER_FIELD_NAMES, CUSTOMER_FIELDS, useFormatField } from "./fields";
import { fromCustomer } from "./form/convert";
import { useLackingFields } from "./lacking";
import { Merges } from "./merging/Merges";
import { PersonalData } from "./PersonalData";
import { PhoneLink } from "./PhoneLink";

export function CustomerPage({ id }: { id: string }) {
  const [{ data, error }, reload] = useQuery({ query: CUSTOMER, variables: { id } });
  const refresh = () => reload({ requestPolicy: "network-only" });
  useLive(CUSTOMER_CHANGED, { id }, refresh);
  if (error && !data) return <ErrorState error={error} onRetry={reload} />;
  if (!data) return <Loading />;
  if (!data.customer) return <NotFoundPage />;
  return <CustomerDetails customer={data.customer} onChange={refresh} />;
}

function CustomerDetails({ customer, onChange }: { customer: Customer; onChange: () => void }) {
  const t = useMessages(customers);
  const mayWrite = useMay("WRITE");
  const [, navigate] = useLocation();
  useTitle(customer.name);
  useShortcut("n", () => mayWrite && navigate(`/facturas/nueva?cliente=${customer.id}`));
  return (
    <div className="page">
      <BackLink path="/clientes" title={t.list.title} />
      <div className="page-header">
        <div>
          <h1>{customer.name}</h1>
          <p className="muted customer-line">
            {customer.identification || t.noIdentification}
            {customer.status === "ARCHIVED" && <Badge>{t.archived}</Badge>}
            {customer.status === "ERASED" && <Badge>{t.erased}</Badge>}
          </p>
        </div>
        <CustomerActions customer={customer} />
      </div>
      <Lacking customer={customer} />
      <div className="customer-columns">
        <Fields customer={customer} />
        <div className="customer-side">
          {customer.ruc && <Verification verification={customer.verification} />}
          {customer.associatedPersons.length > 0 && <Persons persons={customer.associatedPersons} />}
        </div>
      </div>
      <CustomerDocuments customer={customer} />
      <Merges customerId={customer.id} />
      <PersonalData customer={customer} onErased={onChange} />
    </div>
  );
}

/** What the customer lacks for an electronic invoice, if the account makes these. */
function Lacking({ customer }: { customer: Customer }) {
  const t = useMessages(customers);
  const lacking = useLackingFields();
  const fields = lacking(customer);
  if (fields.length === 0 || customer.status === "ERASED") return null;
  return (
    <Notice kind="warning">
      <p>
        {t.lacking(fields)} <Link href={`/clientes/${customer.id}/editar`}>{t.completeData}</Link>
      </p>
    </Notice>
  );
}

function Fields({ customer }: { customer: Customer }) {
  const t = useMessages(customers);
  const formats = useFormats();
  const formatField = useFormatField();
  const value = fromCustomer(customer);
  return (
    <section className="card" aria-labelledby="data">
      <h2 id="data">{t.data}</h2>
      <dl className="details">
        {CUSTOMER_FIELD_NAMES.map((name) => {
          const { display } = CUSTOMER_FIELDS[name];
          const text = formatField(name, value);
          if (display === null || !text) return null;
          return (
            <div key={name}>
              <dt>{t.fields[name]}</dt>
              <dd>{display ? display(customer) : text}</dd>
            </div>
          );
        })}
      </dl>
      <p className="muted small">
        {t.registered(formats.moment(customer.createdAt))} · {t.changed(formats.moment(customer.updatedAt))}
      </p>
    </section>
  );
}

const VERIFICATION_KINDS = {
  VERIFIED: "success",
  MISMATCH: "warning",
  NOT_FOUND: "warning",
  PENDING: "neutral",
  UNAVAILABLE: "neutral",
  UNVERIFIED: "neutral",
} as const;

function Verification({ verification }: Pick<Customer, "verification">) {
  const t = useMessages(customers);
  const formats = useFormats();
  const { status, checkedAt, registryName } = verification;
  return (
    <section className="card" aria-labelledby="verification">
      <h2 id="verification">{t.verification}</h2>
      <div className="verification">
        <p>
          <Badge kind={VERIFICATION_KINDS[status]}>{t.verifications[status]}</Badge>
        </p>
        <p>{t.verificationTexts[status]}</p>
        {registryName && status === "MISMATCH" && <p>{t.inRegistry(registryName)}</p>}
        {checkedAt && <p className="muted small">{t.checked(formats.moment(checkedAt))}</p>}
      </div>
    </section>
  );
}

function Persons({ persons }: { persons: Customer["associatedPersons"] }) {
  const t = useMessages(customers);
  return (
    <section className="card" aria-labelledby="persons">
      <h2 id="persons">{t.fields.associatedPersons}</h2>
      <ul className="person-list">
        {persons.map((person) => (
          <li key={person.id}>
            <strong>{person.name}</strong> {person.notify && <Badge kind="accent">{t.notified}</Badge>}
            <span className="block">
              {person.email && <a href={`mailto:${person.email}`}>{person.email}</a>}{" "}
              {person.phone && <PhoneLink number={person.phone} />}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
