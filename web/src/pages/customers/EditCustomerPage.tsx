import { type FormEvent, useRef, useState } from "react";
import { useClient, useMutation, useQuery } from "urql";
import { useLocation } from "wouter";
import { Button } from "@/components/Button";
import { FailureNotice } from "@/components/FailureNotice";
import { RequiredNote } from "@/components/Field";
import { RefusalsNotice } from "@/components/RefusalsNotice";
import { ErrorState, Loading, Notice } from "@/components/states";
import { useToast } from "@/components/Toast";
import { useTitle } from "@/components/useTitle";
import { useDraft } from "@/drafts";
import type { EditableCustomerFragment } from "@/graphql";
import { below, type Refusals, useFocusOnRefusal } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { customers } from "@/i18n/customers";
import { NotFoundPage } from "@/pages/NotFoundPage";
import { Conflict } from "./Conflict";
import { CUSTOMER, UPDATE_CUSTOMER } from "./documents";
import { CustomerForm } from "./form/CustomerForm";
import { useCustomerFields } from "./form/useCustomerFields";
import { fromCustomer, toCustomerInput, toCustomerPatch } from "./form/values";

export function EditCustomerPage({ id }: { id: string }) {
  const [{ data, error }, reload] = useQuery({
    query: CUSTOMER,
    variables: { id },
    requestPolicy: "network-only",
  });
  if (error) return <ErrorState error={error} onRetry={reload} />;
  if (!data) return <Loading />;
  if (!data.customer) return <NotFoundPage />;
  return <Editor customer={data.customer} />;
}

/** Starts from `customer`; what others change meanwhile shows when this is saved. */
function Editor({ customer }: { customer: EditableCustomerFragment }) {
  const t = useMessages(customers);
  const words = useMessages(common);
  const toast = useToast();
  const client = useClient();
  const [, navigate] = useLocation();
  const [draft, setDraft, forget, restored] = useDraft(`customer.${customer.id}`, {
    version: customer.version,
    base: fromCustomer(customer),
    value: fromCustomer(customer),
  });
  const { fields } = useCustomerFields(draft.value);
  const [{ fetching, error }, update] = useMutation(UPDATE_CUSTOMER);
  const [refusals, setRefusals] = useState<Refusals>([]);
  const [theirs, setTheirs] = useState<EditableCustomerFragment>();
  const form = useRef<HTMLFormElement>(null);
  useFocusOnRefusal(form, refusals);
  useTitle(t.editTitle(customer.name));
  const home = `/clientes/${customer.id}`;

  async function save(version: number) {
    if (!fields || fetching) return;
    const before = toCustomerInput(draft.base, new Map());
    const input = toCustomerPatch(before, toCustomerInput(draft.value, fields));
    const { data } = await update({ id: customer.id, input, version });
    if (!data) return;
    const { userErrors } = data.updateCustomer;
    if (userErrors.some(({ code }) => code === "CONFLICT")) {
      const current = await client.query(CUSTOMER, { id: customer.id }, { requestPolicy: "network-only" });
      setTheirs(current.data?.customer ?? undefined);
      return;
    }
    setRefusals(below(userErrors, "input"));
    if (userErrors.length) return;
    forget();
    toast(t.saved);
    navigate(home, { replace: true });
  }

  return (
    <div className="page narrow">
      <h1>{t.editTitle(customer.name)}</h1>
      {restored && (
        <Notice>
          <p className="notice-line">
            {t.draftRestored}
            <Button
              onClick={() => {
                forget();
                setRefusals([]);
              }}
            >
              {t.startOver}
            </Button>
          </p>
        </Notice>
      )}
      <form
        ref={form}
        noValidate
        className="card form-card"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          void save(draft.version);
        }}
      >
        <RequiredNote />
        <CustomerForm
          value={draft.value}
          onChange={(change) => setDraft((before) => ({ ...before, value: change(before.value) }))}
          errors={refusals}
          editing={customer.id}
        />
        <RefusalsNotice refusals={refusals} />
        <FailureNotice error={error} />
        <div className="actions">
          <Button type="submit" kind="primary" busy={fetching}>
            {words.save}
          </Button>
          <Button
            kind="quiet"
            onClick={() => {
              forget();
              navigate(home);
            }}
          >
            {words.cancel}
          </Button>
        </div>
      </form>
      {theirs && (
        <Conflict
          base={draft.base}
          mine={draft.value}
          theirs={fromCustomer(theirs)}
          onMine={() => {
            setTheirs(undefined);
            setDraft((before) => ({ ...before, version: theirs.version }));
            void save(theirs.version);
          }}
          onTheirs={() => {
            setTheirs(undefined);
            const value = fromCustomer(theirs);
            setDraft({ version: theirs.version, base: value, value });
            setRefusals([]);
          }}
          onClose={() => setTheirs(undefined)}
        />
      )}
    </div>
  );
}
